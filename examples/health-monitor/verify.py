#!/usr/bin/env python
"""Loads every model from registry.zip with MLflow and compares its scores with golden/, bit for bit.

Usage: python verify.py
"""
import train  # first: it sets NumPy up before NumPy is imported

import csv
import json
import os
import tempfile
import zipfile

import mlflow
import numpy as np

import lake


def load(folder, spec):
    return mlflow.xgboost.load_model(folder) if spec.flavor in ("ubj", "json") else mlflow.sklearn.load_model(folder)


def main():
    con = lake.open_lake()
    lake.check(con)
    manifest = {model["name"]: model for model in json.loads((lake.HERE / "manifest.json").read_text())}
    with tempfile.TemporaryDirectory() as root:
        zipfile.ZipFile(lake.HERE / "registry.zip").extractall(root)
        os.chdir(root)
        mlflow.set_tracking_uri("sqlite:///mlflow.db")
        client = mlflow.MlflowClient()
        failures = 0
        for spec in train.MODELS:
            registered = spec.registered or f"main.ml.{spec.name}"
            versions = {int(version.version): version for version in client.search_model_versions(f"name = '{registered}'")}
            assert len(versions) == 1 + len(spec.older) + len(spec.newer), registered
            wanted = int(client.get_model_version_by_alias(registered, spec.alias).version) if spec.alias else max(versions)
            location = client.get_model_version_download_uri(registered, str(wanted)).removeprefix("file://")
            folder = os.path.join(root, os.path.relpath(location, train.ROOT))
            if spec.layout == "feature_store":
                folder += "/data/feature_store/raw_model"
            if spec.name in manifest:
                assert manifest[spec.name]["version"] == wanted and os.path.samefile(folder, manifest[spec.name]["raw"]), spec.name

            keys, data = train.training_data(con, spec)
            with open(lake.HERE / "golden" / f"{spec.name}.csv", newline="") as file:
                header, *rows = csv.reader(file)
            positions = {tuple(map(train.text, row)): i for i, row in enumerate(keys.itertuples(index=False))}
            features = data[[name for name in data.columns if name != "label"]].iloc[[positions[tuple(row[:keys.shape[1]])] for row in rows]]
            expected = {name: [row[i] for row in rows] for i, name in enumerate(header) if i >= keys.shape[1]}
            found = {name: [train.text(value) for value in values] for name, values in train.reference(spec, load(folder, spec), features).items()}
            served = mlflow.pyfunc.load_model(folder).predict(features)
            plain = {"IF": lambda: 1 - 2 * numbers(expected["is_anomaly"]), "GBR": lambda: numbers(expected["prediction"]),
                     "XGB": lambda: numbers(expected["predicted_class"]), "RFM": lambda: np.array(expected["prediction"])}[spec.kind]()
            same = found == expected and np.array_equal(np.asarray(served), plain)
            failures += not same
            print(f"{'ok' if same else 'DIFFERS':8}{registered} version {wanted}, {len(rows)} rows")
    raise SystemExit(failures)


def numbers(texts):
    return np.array([float(text) for text in texts])


if __name__ == "__main__":
    main()
