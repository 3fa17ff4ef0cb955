"""Writes the models of PythonScorerTest as users log them: write_models.py FOLDER."""
import json
import os
import sys
import time
from pathlib import Path

import mlflow.pyfunc
import numpy
import pandas
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema, TensorSpec

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


class Ratio(mlflow.pyfunc.PythonModel):
    """Prints as it works, which must not reach the rows."""

    def predict(self, context, model_input, params=None):
        print("scoring", len(model_input), "rows")
        os.write(1, b"native code prints too\n")
        return (model_input["a"] / (1 + model_input["b"].abs())).to_numpy()


class Types(mlflow.pyfunc.PythonModel):
    """Answers what it was given: the types of its columns, and their values as texts."""

    def predict(self, context, model_input, params=None):
        types = " ".join(str(t) for t in model_input.dtypes)
        values = model_input.apply(lambda row: " ".join(str(v) for v in row), axis=1)
        return pandas.DataFrame({"values": values, "types": types, "gaps": model_input.isna().sum(axis=1)})


class Labels(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return ["high" if a > 1 else None if a < 0 else "low" for a in model_input["a"]]


class Flags(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["a"] > 1


class Twelve(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input @ numpy.arange(36.0).reshape(3, 12)


class Slow(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        time.sleep(float(model_input["b"].iloc[0]))
        return model_input["a"] * 2


class Deadly(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        print("about to go", file=sys.stderr, flush=True)
        os.kill(os.getpid(), 9)


class Failing(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        raise ValueError("no prediction on Mondays")


class Short(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["a"].to_numpy()[1:]


class Forecast(mlflow.pyfunc.PythonModel):
    def __init__(self, seasonal):
        self.seasonal = seasonal

    def predict(self, context, model_input, params=None):
        return self.seasonal.predict(model_input)[["yhat", "yhat_lower", "yhat_upper"]]


def save(folder, name, model, inputs, outputs, **options):
    signature = None if inputs is None else ModelSignature(Schema(inputs), outputs and Schema(outputs))
    mlflow.pyfunc.save_model(str(folder / name), python_model=model, signature=signature,
                             pip_requirements=["mlflow-skinny", "pandas", "numpy"], **options)


def main(folder):
    two = [ColSpec("double", "a"), ColSpec("double", "b")]
    number = [ColSpec("double")]
    save(folder, "ratio", Ratio(), two, number)
    save(folder, "types", Types(), [
        ColSpec("long", "l"), ColSpec("integer", "i"), ColSpec("boolean", "b"), ColSpec("string", "s"),
        ColSpec("float", "f"), ColSpec("double", "d"), ColSpec("datetime", "t")],
        [ColSpec("string", "types"), ColSpec("string", "values"), ColSpec("long", "gaps")])
    save(folder, "labels", Labels(), two, [ColSpec("string")])
    save(folder, "flags", Flags(), two, [ColSpec("boolean")])
    save(folder, "twelve", Twelve(), [TensorSpec(numpy.dtype("float32"), (-1, 3))],
         [TensorSpec(numpy.dtype("float64"), (-1, 12))])
    save(folder, "slow", Slow(), two, number)
    save(folder, "deadly", Deadly(), two, number)
    save(folder, "failing", Failing(), two, number)
    save(folder, "short", Short(), two, number)
    save(folder, "unsigned", Labels(), None, None)
    forecast(folder)
    from mlflow.version import VERSION

    (folder / "ready.json").write_text(json.dumps({"mlflow": VERSION}))


def forecast(folder):
    from seasonal import Seasonal

    days = pandas.date_range("2024-01-01", periods=120, freq="D")
    noise = numpy.random.RandomState(5).standard_normal(len(days))
    y = 10 + 0.1 * numpy.arange(len(days)) + 3 * numpy.sin(2 * numpy.pi * numpy.arange(len(days)) / 7) + noise
    model = Seasonal().fit(pandas.DataFrame({"ds": days, "y": y}))
    save(folder, "forecast", Forecast(model), [ColSpec("datetime", "ds")],
         [ColSpec("double", n) for n in ("yhat", "yhat_lower", "yhat_upper")], code_paths=[str(HERE / "seasonal.py")])
    future = pandas.DataFrame({"ds": pandas.date_range("2024-05-01", periods=30, freq="12h")})
    answer = model.predict(future)
    (folder / "forecast.json").write_text(json.dumps({
        "ds": [str(t) for t in future["ds"]], **{c: list(answer[c]) for c in ("yhat", "yhat_lower", "yhat_upper")}}))


main(Path(sys.argv[1]))
