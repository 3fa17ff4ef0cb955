"""models.py FOLDER [--tiny]: the models of the kernel comparison, a matrix to score, and what Python answers to it.

One folder a model: an MLflow layout (MLmodel and the weights), case.properties (trees, kind of output) and expected.f64
(little-endian, row by row). matrix.f32 holds the rows, column by column. --tiny: three small trees and 65 rows, for tests.
"""
import os

# With AVX-512 numpy's own power and logarithm differ from the C library's in the last bit; what Python answers without is the reference.
os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL AVX512_SPR"

import argparse
import pickle

import lightgbm
import numpy as np
import sklearn
import xgboost
from sklearn.ensemble import GradientBoostingRegressor, IsolationForest, RandomForestClassifier

FEATURES = 16


def data(rows, seed):
    """Rows of float32 values and a target that trees take long to learn."""
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, FEATURES)).astype(np.float32)
    y = np.sin(x[:, 0] * 2) + x[:, 1] * x[:, 2] + np.abs(x[:, 3]) + 0.3 * x[:, 4:].sum(1) + draw.normal(0, 0.3, rows)
    return x, y


def trainers(tiny):
    """Name: (estimator, kind of output, number of trees)."""
    def n(trees):
        return 3 if tiny else trees

    def d(depth):
        return 2 if tiny else depth

    return {
        "xgboost-100x6": (xgboost.XGBRegressor(n_estimators=n(100), max_depth=d(6), n_jobs=2), "predict", n(100)),
        "xgboost-1000x8": (xgboost.XGBRegressor(n_estimators=n(1000), max_depth=d(8), learning_rate=0.03, n_jobs=2), "predict", n(1000)),
        "gradient-boosting-100x5": (GradientBoostingRegressor(n_estimators=n(100), max_depth=d(5), random_state=1), "predict", n(100)),
        "isolation-forest-100": (IsolationForest(n_estimators=n(100), max_samples=8 if tiny else 256, random_state=1), "decision_function", n(100)),
        "random-forest-100x10": (RandomForestClassifier(n_estimators=n(100), max_depth=d(10), random_state=1, n_jobs=2), "predict_proba", n(100)),
        "lightgbm-500x63": (lightgbm.LGBMRegressor(n_estimators=n(500), num_leaves=4 if tiny else 63, n_jobs=2, verbose=-1), "predict", n(500)),
    }


def mlmodel(estimator):
    if isinstance(estimator, xgboost.XGBModel):
        return (f"flavors:\n  xgboost: {{data: model.ubj, model_class: xgboost.sklearn.XGBRegressor, xgb_version: {xgboost.__version__}}}\n"
                "  python_function: {loader_module: mlflow.xgboost, data: model.ubj}\n")
    if isinstance(estimator, lightgbm.LGBMModel):
        return (f"flavors:\n  lightgbm: {{data: model.lgb, model_class: lightgbm.basic.Booster, lgb_version: {lightgbm.__version__}}}\n"
                "  python_function: {loader_module: mlflow.lightgbm, data: model.lgb}\n")
    return (f"flavors:\n  sklearn: {{pickled_model: model.pkl, serialization_format: pickle, sklearn_version: {sklearn.__version__}}}\n"
            "  python_function: {loader_module: mlflow.sklearn, model_path: model.pkl}\n")


def save(estimator, folder):
    if isinstance(estimator, xgboost.XGBModel):
        estimator.save_model(f"{folder}/model.ubj")
    elif isinstance(estimator, lightgbm.LGBMModel):
        estimator.booster_.save_model(f"{folder}/model.lgb")
    else:
        with open(f"{folder}/model.pkl", "wb") as file:
            pickle.dump(estimator, file)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder")
    options.add_argument("--tiny", action="store_true")
    options = options.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    x, y = data(200 if options.tiny else 20_000, 1)
    matrix, _ = data(65 if options.tiny else 200_000, 2)
    matrix.T.astype("<f4").tofile(f"{options.folder}/matrix.f32")
    for name, (estimator, kind, trees) in trainers(options.tiny).items():
        folder = f"{options.folder}/{name}"
        os.makedirs(folder, exist_ok=True)
        estimator.fit(x, (y > 1).astype(int) if kind == "predict_proba" else y)
        if hasattr(estimator, "n_jobs"):
            estimator.n_jobs = 1
        save(estimator, folder)
        np.asarray(getattr(estimator, kind)(matrix)).astype("<f8").tofile(f"{folder}/expected.f64")
        with open(f"{folder}/MLmodel", "w") as file:
            file.write(mlmodel(estimator) + "mlflow_version: 3.17.2\n")
        with open(f"{folder}/case.properties", "w") as file:
            file.write(f"kind={kind}\ntrees={trees}\n")
        print(name, flush=True)


if __name__ == "__main__":
    main()
