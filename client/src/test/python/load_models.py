"""Loads models with MLflow and prints what they predict, as JSON by folder.

Arguments: pairs of a model folder (with feature metadata) and a JSON file with rows: a list of
columns, each [name, values]. The outer model is loaded too: its loader is stood in for by a module
that does what a loader has to, so that what MLflow hands it is seen.
"""

import json
import pathlib
import sys
import types

import mlflow.pyfunc
import pandas as pd
from mlflow.models import Model


def stand_in():
    module = types.ModuleType("databricks.feature_store.mlflow_model")
    module._load_pyfunc = lambda path: types.SimpleNamespace(
        predict=lambda frame: mlflow.pyfunc.load_model(f"{path}/raw_model").predict(frame)
    )
    names = ["databricks", "databricks.feature_store", module.__name__]
    for name in names[:-1]:
        sys.modules[name] = types.ModuleType(name)
    sys.modules[module.__name__] = module


def listed(answer):
    if isinstance(answer, dict):
        answer = answer[next(iter(answer))]
    if isinstance(answer, pd.DataFrame):
        answer = answer.iloc[:, 0]
    return [float(value) for value in pd.Series(getattr(answer, "ravel", lambda: answer)())]


def main():
    stand_in()
    found = {}
    arguments = sys.argv[1:]
    for folder, rows in zip(arguments[::2], arguments[1::2]):
        frame = pd.DataFrame(dict(json.loads(pathlib.Path(rows).read_text())))
        outer = Model.load(folder)
        raw = pathlib.Path(folder, "data", "feature_store", "raw_model")
        found[folder] = {
            "predict": listed(mlflow.pyfunc.load_model(str(raw)).predict(frame)),
            "inputs": [field.name for field in outer.signature.inputs],
            "required": [field.name for field in outer.signature.inputs if field.required],
            "outputs": outer.signature.outputs.input_names() if outer.signature.outputs else [],
            "params": [param.name for param in outer.signature.params],
            "loader": outer.flavors["python_function"]["loader_module"],
        }
        implementation = mlflow.pyfunc.load_model(folder)._model_impl
        found[folder]["outer"] = listed(implementation.predict(frame))
    print("ANSWER " + json.dumps(found))


main()
