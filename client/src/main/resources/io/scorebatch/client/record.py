"""Answers rows with the Python library that trained a model and writes down what it says.

Arguments: the model (an MLflow folder or one model file), a JSON file with the rows, the file to write. What is written
is a table: the rows, and a column for each number or label of each kind of output. Numbers are written so that they read
back as the same bits; a row that the library refuses has no answers.
"""
import json
import math
import os
import sys
from importlib import metadata

import numpy as np
import pandas as pd

PACKAGES = ["scikit-learn", "xgboost", "xgboost-cpu", "lightgbm", "catboost", "onnxruntime", "numpy", "scipy", "pandas", "mlflow", "mlflow-skinny"]


def load(path):
    """The model as its own library has it, and what it is: sklearn, booster, lgb, or pyfunc."""
    if os.path.isdir(path):
        import mlflow.models

        flavors = mlflow.models.Model.load(path).flavors
        for name in ("sklearn", "xgboost", "lightgbm", "catboost"):
            if name in flavors:
                module = __import__("mlflow." + name, fromlist=[name])
                return module.load_model(path), "native"
        import mlflow.pyfunc

        return mlflow.pyfunc.load_model(path), "pyfunc"
    with open(path, "rb") as file:
        head = file.read(8)
    if path.endswith(".cbm"):
        import catboost

        model = catboost.CatBoost()
        return model.load_model(path), "native"
    if head.startswith(b"PK"):
        import skops.io

        return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path)), "native"
    if head.startswith(b"tree"):
        import lightgbm

        return lightgbm.Booster(model_file=path), "native"
    if head.lstrip().startswith(b"{"):
        import xgboost

        booster = xgboost.Booster()
        booster.load_model(path)
        return booster, "native"
    import joblib

    return joblib.load(path), "native"


def frame_of(request):
    columns = {}
    for i, name in enumerate(request["columns"]):
        values = [row[i] for row in request["data"]]
        if request["text"][i]:
            columns[name] = pd.Series([None if v is None else str(v) for v in values], dtype=object)
        else:
            columns[name] = pd.Series([math.nan if v is None else float(v) for v in values], dtype="float64")
    return pd.DataFrame(columns)


def typed(frame, model):
    """The frame in the types of a pyfunc's signature, as far as the values allow."""
    schema = model.metadata.get_input_schema()
    if schema is None:
        return frame
    if schema.is_tensor_spec():
        return frame.to_numpy().astype(schema.inputs[0].type)
    frame = frame.copy()
    for column in schema.inputs:
        name = getattr(column.type, "name", "")
        kind = {"long": "int64", "integer": "int32", "float": "float32", "boolean": "bool"}.get(name)
        if kind and not frame[column.name].isna().any():
            frame[column.name] = frame[column.name].astype(kind)
    return frame


def answer(model, form, kind, frame, named):
    module = type(model).__module__.split(".")[0]
    if form == "pyfunc":
        return model.predict(typed(frame, model)) if kind == "predict" else None
    rows = frame
    first = model.steps[0][1] if hasattr(model, "steps") else model
    if hasattr(first, "vocabulary_"):
        rows = frame.iloc[:, 0]  # a vectoriser reads texts, not a frame of them
    elif not named and all(frame.dtypes == "float64"):
        rows = frame.to_numpy()
    if module == "xgboost" and type(model).__name__ == "Booster":
        import xgboost

        matrix = xgboost.DMatrix(rows if model.feature_names else frame.to_numpy())
        return {"predict": lambda: model.predict(matrix),
                "raw_margin": lambda: model.predict(matrix, output_margin=True)}.get(kind, lambda: None)()
    if kind == "raw_margin":
        if module == "xgboost":
            return model.predict(rows, output_margin=True)
        if module == "lightgbm":
            return model.predict(rows, raw_score=True)
        if module == "catboost":
            return model.predict(rows, prediction_type="RawFormulaVal")
        return None
    method = getattr(model, kind, None)
    return None if method is None else method(rows)


def table(result, rows):
    """The answer as a two-dimensional array."""
    if hasattr(result, "toarray"):
        result = result.toarray()
    if isinstance(result, list):  # predict_proba of several outputs
        result = np.hstack(result)
    array = np.asarray(result)
    array = array.reshape(rows, -1) if array.size else array.reshape(rows, 0)
    return array


def plain(value):
    if value is None:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    return str(value)


def record(model, form, request, frame):
    """For each kind an array, with None for rows the library refuses."""
    named, count, answers = request["named"], len(frame), {}
    reasons = []
    accepted = list(range(count))
    for kind in request["kinds"]:
        try:
            result = answer(model, form, kind, frame, named)
            rows = accepted
        except Exception as error:  # some rows are refused: find them one by one
            reasons.append(str(error))
            rows = []
            for i in range(count):
                try:
                    answer(model, form, kind, frame.iloc[[i]], named)
                    rows.append(i)
                except Exception:
                    pass
            if not rows:
                continue
            result = answer(model, form, kind, frame.iloc[rows], named)
        array = None if result is None else table(result, len(rows))
        if array is None:
            continue
        cells = [None] * count
        for position, row in enumerate(rows):
            cells[row] = [plain(value) for value in array[position]]
        answers[kind] = (array.shape[1], cells)
    if not answers:
        raise SystemExit("no row was answered: " + "; ".join(dict.fromkeys(reasons)))
    return answers


def main():
    path, rows_file, out_file = sys.argv[1:4]
    with open(rows_file, encoding="utf-8") as file:
        request = json.load(file)
    frame = frame_of(request)
    model, form = load(path)
    answers = record(model, form, request, frame)
    columns, data = list(request["columns"]), [list(row) for row in request["data"]]
    for kind, (width, cells) in answers.items():
        columns += [kind] if width == 1 else ["%s_%d" % (kind, i) for i in range(width)]
        for row, values in zip(data, cells):
            row += values if values is not None else [None] * width
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            pass
    written = {"python": sys.version.split()[0], "packages": versions, "columns": columns, "data": data}
    with open(out_file, "w", encoding="utf-8") as file:
        json.dump(written, file, allow_nan=False)


main()
