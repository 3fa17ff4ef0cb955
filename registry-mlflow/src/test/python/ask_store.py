"""Asks MLflow itself: ask_store.py REGISTRY_URI MODEL_URI...

Prints a line for each model URI: the URI, a tab, and the SHA-256 of the model.pkl that MLflow loads
for it, or the word 'none' where it finds no model.
"""

import hashlib
import os
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"

import mlflow

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_registry_uri(sys.argv[1])
for uri in sys.argv[2:]:
    try:
        folder = Path(mlflow.artifacts.download_artifacts(uri))
        print(uri, hashlib.sha256((folder / "model.pkl").read_bytes()).hexdigest(), sep="\t")
    except Exception as e:
        print(f"{uri}: {e}", file=sys.stderr)
        print(uri, "none", sep="\t")
