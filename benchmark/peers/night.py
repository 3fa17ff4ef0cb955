"""night.py WORLD OUT [--join-per-table]: a night of scoring as a good engineer writes it in Python.

DuckDB reads the Delta files and joins features to the distinct keys, the training library predicts on two threads, deltalake
writes one table a model. --join-per-table reads and joins once for all models of a feature table instead of once a model.
WORLD is what `scorebatch demo --dir WORLD` wrote; its manifest.json names 24 models, all but the one that has no feature table.
"""
import os

os.environ["OMP_NUM_THREADS"] = "2"

import argparse
import datetime
import itertools
import json
import pickle
from concurrent.futures import ThreadPoolExecutor

import deltalake
import duckdb
import joblib
import numpy as np
import pyarrow as pa

THREADS = 2
SCHEMA = "main/ml"


def load(folder):
    """The estimator, whatever MLflow stored it as."""
    for name in os.listdir(folder):
        path = f"{folder}/{name}"
        if name.endswith((".ubj", ".json")) and name.startswith("model"):
            import xgboost

            booster = xgboost.Booster(model_file=path)
            booster.set_param("nthread", THREADS)
            return booster
        if name == "model.skops":
            import skops.io

            return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
        if name == "model.pkl":
            with open(path, "rb") as file:
                return pickle.load(file)
    raise FileNotFoundError(folder)


def predict(kind, model, x, pool):
    """Scores of a matrix on two threads, by the fastest way the library has."""
    if kind == "XGB":
        return model.inplace_predict(x, validate_features=False)
    vars(model).pop("feature_names_in_", None)  # a matrix has no names to check
    if kind == "IF":
        with joblib.parallel_backend("threading", n_jobs=THREADS):
            return model.decision_function(x)
    if kind == "GBR":
        return np.concatenate(list(pool.map(model.predict, np.array_split(x, THREADS))))
    model.n_jobs = THREADS
    return model.predict_proba(x)[:, 1]


def features(con, world, table, keys, columns):
    """One row a distinct key, with the features looked up."""
    files = deltalake.DeltaTable(f"{world}/warehouse/{SCHEMA}/{table}").file_uris()
    key, wanted = (", ".join(f'"{c}"' for c in names) for names in (keys, columns))
    return con.sql(
        f"SELECT {key}, {wanted} FROM (SELECT DISTINCT {key} FROM read_parquet($files)) "
        f"LEFT JOIN (SELECT {key}, {wanted} FROM read_parquet($files)) USING ({key})",
        params={"files": files},
    ).to_arrow_table()


def predictions(model, rows, scores):
    """The columns of a prediction table."""
    n = len(scores)
    columns = {key: rows[key] for key in model["keys"]}
    columns["prediction"] = pa.array(scores)
    if model["kind"] == "IF":
        columns["anomaly_score"] = columns["prediction"]
        columns["is_anomaly"] = pa.array((scores < 0).astype(np.int32))
    elif model["kind"] != "GBR":
        columns["probability"] = columns["prediction"]
        columns["predicted_class"] = pa.array((scores > 0.5).astype(np.int32))
    now = datetime.datetime.now(datetime.timezone.utc)
    columns["model_name"] = pa.repeat(pa.scalar(model["name"]), n)
    columns["model_version"] = pa.repeat(pa.scalar(int(model["version"]), pa.int32()), n)
    columns["scored_at"] = pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), n)
    return pa.table(columns)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("world")
    options.add_argument("out")
    options.add_argument("--join-per-table", action="store_true")
    options = options.parse_args()
    with open(f"{options.world}/manifest.json") as file:
        models = json.load(file)
    con = duckdb.connect()
    con.execute(f"SET threads = {THREADS}; SET preserve_insertion_order = false")
    if options.join_per_table:
        models.sort(key=lambda m: m["table"])
        groups = [list(g) for _, g in itertools.groupby(models, key=lambda m: m["table"])]
    else:
        groups = [[m] for m in models]
    total = 0
    with ThreadPoolExecutor(THREADS) as pool:
        for group in groups:
            wanted = list(dict.fromkeys(f for m in group for f in m["features"]))
            rows = features(con, options.world, group[0]["table"], group[0]["keys"], wanted)
            for model in group:
                x = np.empty((rows.num_rows, len(model["features"])), np.float32)
                for j, name in enumerate(model["features"]):
                    x[:, j] = rows[name].to_numpy()
                scores = predict(model["kind"], load(f"{options.world}/{model['raw']}"), x, pool)
                table = predictions(model, rows, np.asarray(scores, np.float64))
                deltalake.write_deltalake(f"{options.out}/{model['output']}", table, mode="overwrite", schema_mode="overwrite")
                total += table.num_rows
    print(total, "predictions")


if __name__ == "__main__":
    main()
