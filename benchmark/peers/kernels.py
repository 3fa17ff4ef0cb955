"""kernels.py FOLDER SECONDS MODEL...: CPU time of the training library on the models that models.py wrote to FOLDER.

One thread, the least of all rounds within SECONDS of CPU time; one line of JSON a model, nanoseconds a row and tree.
"""
import os

os.environ["OMP_NUM_THREADS"] = "1"

import json
import pickle
import sys
import time

import numpy as np


def scorer(folder, name, kind):
    """(name of the engine, function of the matrix) by the fastest way the library has."""
    if name.startswith("xgboost"):
        import xgboost

        booster = xgboost.Booster(model_file=f"{folder}/model.ubj")
        booster.set_param("nthread", 1)
        return "xgboost inplace_predict", booster.inplace_predict
    if name.startswith("lightgbm"):
        import lightgbm

        booster = lightgbm.Booster(model_file=f"{folder}/model.lgb")
        return "lightgbm predict", lambda x: booster.predict(x, num_threads=1)
    with open(f"{folder}/model.pkl", "rb") as file:
        estimator = pickle.load(file)
    return f"sklearn {kind}", getattr(estimator, kind)


def main():
    home, seconds, names = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
    for name in names:
        folder = f"{home}/{name}"
        with open(f"{folder}/case.properties") as file:
            facts = dict(line.strip().split("=") for line in file)
        expected = np.fromfile(f"{folder}/expected.f64", "<f8")
        x = np.ascontiguousarray(np.fromfile(f"{home}/matrix.f32", "<f4").reshape(16, -1).T)
        engine, score = scorer(folder, name, facts["kind"])
        if not np.allclose(np.asarray(score(x), np.float64).ravel(), expected, rtol=1e-14, atol=1e-15):  # numpy with AVX-512: a last bit
            raise SystemExit(f"{name}: {engine} answers other numbers than at training")
        least = spent = None
        while spent is None or spent < seconds:
            start = time.process_time()
            score(x)
            took = time.process_time() - start
            least = took if least is None else min(least, took)
            spent = took + (spent or 0)
        print(json.dumps({"model": name, "engine": engine, "ns": least * 1e9 / len(x) / int(facts["trees"])}), flush=True)


if __name__ == "__main__":
    main()
