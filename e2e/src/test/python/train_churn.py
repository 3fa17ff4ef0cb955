"""Trains a model on a training set: train_churn.py TRAINING.parquet FOLDER.

Writes model.pkl, a fresh MLflow store (mlflow.db), and direct.csv: what the model itself says of
the rows it was trained on, by key.
"""

import os
import pathlib
import pickle
import sys

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

training, folder = sys.argv[1], pathlib.Path(sys.argv[2])
rows = pd.read_parquet(training)
keys, features, label = ["user_id", "asked_at"], ["visits", "spend", "amount"], "churned"
model = RandomForestClassifier(n_estimators=20, max_depth=4, random_state=1)
model.fit(rows[features], rows[label])
(folder / "model.pkl").write_bytes(pickle.dumps(model))
answers = model.predict_proba(rows[features])[:, 1]
lines = [f"{key},{answer!r}" for key, answer in zip(rows["user_id"], map(float, answers))]
(folder / "direct.csv").write_text("\n".join(lines) + "\n")
mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
mlflow.MlflowClient().search_experiments()
