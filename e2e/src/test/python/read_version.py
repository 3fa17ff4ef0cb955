"""What real MLflow finds under a name and alias: read_version.py URI NAME ALIAS."""

import os
import sys

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow
import pandas as pd
from mlflow.models import Model

uri, name, alias = sys.argv[1:]
mlflow.set_tracking_uri(uri)
folder = mlflow.artifacts.download_artifacts(f"models:/{name}@{alias}")
raw = mlflow.pyfunc.load_model(f"{folder}/data/feature_store/raw_model")
row = pd.DataFrame({"visits": [3.0], "spend": [1.5], "amount": [2.0]})
print(
    "version",
    mlflow.MlflowClient().get_model_version_by_alias(name, alias).version,
    "loader",
    Model.load(folder).flavors["python_function"]["loader_module"],
    "predicts",
    len(raw.predict(row)),
)
