"""Writes models that take their time and tell when they have begun: write_slow_model.py FOLDER MARKER SEASONAL.

slow doubles a number; forecast is a forecaster in the manner of Prophet (seasonal.py), whose class is shipped with it.
forecast.json holds what it answers, hour by hour.
"""
import json
import sys
import time
from pathlib import Path

import mlflow.pyfunc
import numpy
import pandas
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema


class Slow(mlflow.pyfunc.PythonModel):
    def __init__(self, marker):
        self.marker = marker

    def predict(self, context, model_input, params=None):
        self.tell(len(model_input))
        return (model_input["a"] * 2).to_numpy()

    def tell(self, rows):
        time.sleep(0.05)
        with open(self.marker, "a") as file:
            file.write("%d rows\n" % rows)


class Forecast(Slow):
    def __init__(self, marker, model):
        self.marker = marker
        self.model = model

    def predict(self, context, model_input, params=None):
        self.tell(len(model_input))
        return self.model.predict(model_input)[["yhat", "yhat_lower", "yhat_upper"]]


def main(folder, marker, seasonal):
    sys.path.insert(0, str(seasonal.parent))
    from seasonal import Seasonal

    mlflow.pyfunc.save_model(
        str(folder / "slow"),
        python_model=Slow(marker),
        signature=ModelSignature(Schema([ColSpec("double", "a")]), Schema([ColSpec("double")])),
    )
    days = pandas.date_range("2024-01-01", periods=120, freq="D")
    at = numpy.arange(120)
    y = 10 + 0.1 * at + 3 * numpy.sin(2 * numpy.pi * at / 7) + numpy.cos(at)
    model = Seasonal().fit(pandas.DataFrame({"ds": days, "y": y}))
    mlflow.pyfunc.save_model(
        str(folder / "forecast"),
        python_model=Forecast(marker, model),
        code_paths=[str(seasonal)],
        signature=ModelSignature(
            Schema([ColSpec("datetime", "ds")]),
            Schema([ColSpec("double", name) for name in ("yhat", "yhat_lower", "yhat_upper")])),
    )
    hours = pandas.DataFrame({"ds": pandas.date_range("2024-01-01", periods=40_000, freq="h")})
    (folder / "forecast.json").write_text(json.dumps(list(model.predict(hours)["yhat"])))


main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
