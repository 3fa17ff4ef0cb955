"""What real MLflow says of a registered version: read_version.py URI [NAME ALIAS].

Without a name the store is only made. Prints one line of JSON.
"""

import json
import os
import pathlib
import sys

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow
from mlflow import MlflowClient
from mlflow.models import Model

uri = sys.argv[1]
mlflow.set_tracking_uri(uri)
mlflow.set_registry_uri(uri)
client = MlflowClient()
client.search_experiments()
if len(sys.argv) > 2:
    name, alias = sys.argv[2:]
    version = client.get_model_version_by_alias(name, alias)
    folder = pathlib.Path(mlflow.artifacts.download_artifacts(f"models:/{name}@{alias}"))
    numbers = [int(v.version) for v in client.search_model_versions(f"name = '{name}'")]
    print(
        "ANSWER "
        + json.dumps(
            {
                "version": int(version.version),
                "status": version.status,
                "stage": version.current_stage,
                "description": version.description,
                "tags": version.tags,
                "versions": sorted(numbers),
                "aliases": client.get_registered_model(name).aliases,
                # MLflow puts a file of its own beside what it downloads.
                "files": sorted(
                    str(p.relative_to(folder))
                    for p in folder.rglob("*")
                    if p.is_file() and p.name != "registered_model_meta"
                ),
                "flavors": sorted(Model.load(str(folder)).flavors),
                "run": version.run_id,
            }
        )
    )
