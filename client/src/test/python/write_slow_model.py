"""Writes a model that takes its time and tells when it has begun: write_slow_model.py FOLDER MARKER."""
import sys
import time

import mlflow.pyfunc
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema


class Slow(mlflow.pyfunc.PythonModel):
    def __init__(self, marker):
        self.marker = marker

    def predict(self, context, model_input, params=None):
        time.sleep(0.05)
        with open(self.marker, "a") as file:
            file.write("%d rows\n" % len(model_input))
        return (model_input["a"] * 2).to_numpy()


folder, marker = sys.argv[1:]
mlflow.pyfunc.save_model(
    folder,
    python_model=Slow(marker),
    signature=ModelSignature(Schema([ColSpec("double", "a")]), Schema([ColSpec("double")])),
)
