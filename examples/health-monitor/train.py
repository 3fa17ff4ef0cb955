#!/usr/bin/env python
"""Trains the 25 models of the health monitor and logs them with MLflow.

Usage: python train.py [--only MODEL,..] [--warehouse]

Makes the tables (generator/), trains, logs and registers every model under ROOT, scores the golden rows with the
libraries that trained the models, and writes registry.zip, manifest.json and golden/. With --warehouse the feature
tables are also written as Delta tables below ROOT, which completes the folder that manifest.json describes.
"""
import os

# Before NumPy is imported: the reference is NumPy without AVX-512 and OpenBLAS with its Haswell kernels, in one thread,
# so that exp and pow are those of glibc and sums have one order.
os.environ.update(NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR", OPENBLAS_CORETYPE="Haswell",
                  OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true",
                  MLFLOW_DISABLE_ENV_CREATION="true", GIT_PYTHON_REFRESH="quiet", LOGNAME="ml", TZ="UTC")

import argparse
import csv
import hashlib
import json
import logging
import pathlib
import random
import shutil
import sqlite3
import sys
import uuid
import warnings
import zipfile
from dataclasses import dataclass, field

sys.argv[0] = "train.py"  # MLflow records it as the source of a run
warnings.filterwarnings("ignore")

import mlflow
import numpy as np
import pandas as pd
import sklearn
import skops.io
import xgboost
import yaml
from mlflow.entities import Metric, Param
from mlflow.models import Model, ModelSignature
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
from numpy._core._multiarray_umath import __cpu_features__
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, IsolationForest, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from xgboost import XGBClassifier

import lake

ROOT = pathlib.Path("/srv/health-monitor")
HERE = pathlib.Path(__file__).resolve().parent
RUN_STAMP = "20260131_030000"
ZIP_DATE = (2026, 1, 31, 3, 0, 0)
# Gradient boosting reads every n-th row of a table so large that training would take hours.
MAX_TRAINING_ROWS = 60_000
GOLDEN_ROWS = 500
SEED = 42

logging.getLogger("mlflow").setLevel(logging.ERROR)
logging.getLogger("alembic").setLevel(logging.ERROR)


@dataclass
class Spec:
    """How one model is trained and stored."""
    name: str
    kind: str  # IF | GBR | XGB | RFM
    flavor: str  # cloudpickle | pickle | skops (all by mlflow.sklearn) | ubj | json (by mlflow.xgboost)
    label: object = None  # (frame, generator) -> labels
    drop: tuple = ()  # features that the label is made of
    params: dict = field(default_factory=dict)
    layout: str = "feature_store"  # feature_store: outer model with raw_model inside | beside: feature_spec.yaml beside MLmodel | none
    registered: str = ""  # default: main.ml.<name>
    spec_version: int = 11
    defaults: dict = field(default_factory=dict)  # feature -> default_value
    renamed: dict = field(default_factory=dict)  # feature of the table -> name in the model
    older: list = field(default_factory=list)  # parameters of the versions before this one
    newer: list = field(default_factory=list)  # parameters of the versions after this one
    alias: str = ""  # for this version
    run_artifact: bool = False  # stored among the run's artifacts, as MLflow 2 did


def column(name):
    return lambda frame, rng: frame[name].to_numpy()


def above(name, limit):
    return lambda frame, rng: (frame[name] > limit).to_numpy().astype(np.int64)


def random_integer(low, high):
    """Labels without meaning, as the platform's own scripts have them for three models."""
    return lambda frame, rng: rng.integers(low, high + 1, len(frame)).astype(np.float64)


MODELS = [
    Spec("cost_anomaly_detector", "IF", "cloudpickle", params={"contamination": 0.05, "n_jobs": -1}, alias="champion", spec_version=9,
         older=[{"n_estimators": 8}], newer=[{"n_estimators": 12, "contamination": 0.1}]),
    Spec("budget_forecaster", "GBR", "cloudpickle", column("daily_cost"), ("daily_cost",), older=[{"n_estimators": 5, "max_depth": 3}]),
    Spec("job_cost_optimizer", "GBR", "skops", column("potential_job_cluster_savings"), ("potential_job_cluster_savings",)),
    Spec("chargeback_attribution", "GBR", "pickle", column("daily_cost"), ("daily_cost",), run_artifact=True, spec_version=9),
    Spec("commitment_recommender", "XGB", "ubj", above("serverless_adoption_ratio", 0.5), ("serverless_adoption_ratio",)),
    Spec("tag_recommender", "RFM", "cloudpickle", layout="none", registered="tag_recommender"),
    Spec("security_threat_detector", "IF", "skops", params={"contamination": 0.05, "n_jobs": -1},
         defaults={"failed_auth_count": "0.0", "failed_auth_ratio": "0.0", "lateral_movement_risk": "0.0"}),
    Spec("exfiltration_detector", "IF", "cloudpickle", params={"contamination": 0.02, "n_jobs": -1}, layout="beside", spec_version=9),
    Spec("privilege_escalation_detector", "IF", "pickle", params={"contamination": 0.03, "n_jobs": -1}, spec_version=9),
    Spec("user_behavior_baseline", "IF", "skops", params={"contamination": 0.05}),
    Spec("query_performance_forecaster", "GBR", "cloudpickle", column("avg_duration_ms"), ("avg_duration_ms",), layout="beside"),
    Spec("warehouse_optimizer", "GBR", "skops", random_integer(2, 9), params={"max_depth": 5}),
    Spec("cluster_capacity_planner", "GBR", "cloudpickle", random_integer(10, 109), spec_version=9),
    Spec("performance_regression_detector", "IF", "cloudpickle", params={"contamination": 0.05, "n_jobs": -1}),
    Spec("dbr_migration_risk_scorer", "GBR", "cloudpickle", random_integer(0, 99), params={"max_depth": 5}, spec_version=9),
    Spec("cache_hit_predictor", "XGB", "json", above("spill_rate", 0.3), ("spill_rate",)),
    Spec("query_optimization_recommender", "XGB", "cloudpickle", above("sla_breach_rate", 0.1), ("sla_breach_rate",),
         renamed={"p99_duration_lag7": "p99_duration_a_week_ago"}),
    Spec("job_failure_predictor", "XGB", "ubj", above("failure_rate", 0.2), ("failure_rate",),
         older=[{"n_estimators": n, "max_depth": 2} for n in range(1, 11)]),
    Spec("job_duration_forecaster", "GBR", "cloudpickle", column("avg_duration_sec"), ("avg_duration_sec",),
         defaults={"p99_duration_lag7": "0.0", "prev_day_success_rate": "1.0"}),
    Spec("sla_breach_predictor", "XGB", "cloudpickle", above("failure_rate", 0.2), ("failure_rate",), spec_version=9),
    Spec("retry_success_predictor", "XGB", "ubj", above("success_rate", 0.7), ("success_rate",), params={"base_score": 0.5}, layout="beside"),
    Spec("pipeline_health_scorer", "GBR", "skops", column("success_rate"), ("success_rate",)),
    Spec("data_drift_detector", "IF", "skops", params={"contamination": 0.05, "n_jobs": -1}, registered="data_drift_detector"),
    Spec("data_freshness_predictor", "GBR", "cloudpickle", column("table_count"), ("table_count",), layout="beside",
         registered="data_freshness_predictor", spec_version=9),
    Spec("schema_change_predictor", "XGB", "skops", above("schema_changes_7d", 0), ("schema_changes_7d",), registered="schema_change_predictor"),
]
ENTRIES = {entry["model_name"]: entry for entry in lake.PIPELINE["models"]}
TAG_COLUMNS = ENTRIES["tag_recommender"]["feature_columns"]


# ---------------------------------------------------------------- training

def new_estimator(kind, params):
    if kind == "IF":
        return IsolationForest(**{"n_estimators": 100, "random_state": SEED, **params})
    if kind == "GBR":
        return GradientBoostingRegressor(**{"n_estimators": 100, "max_depth": 6, "learning_rate": 0.1, "random_state": SEED, **params})
    if kind == "XGB":
        return XGBClassifier(**{"n_estimators": 100, "max_depth": 6, "learning_rate": 0.1, "random_state": SEED, "eval_metric": "logloss", **params})
    text = TfidfVectorizer(max_features=50, ngram_range=(1, 2), stop_words="english", lowercase=True)
    forest = RandomForestClassifier(n_estimators=100, max_depth=10, min_samples_split=5, min_samples_leaf=2, random_state=SEED)
    return Pipeline([("features", ColumnTransformer([("text", text, TAG_COLUMNS[0]), ("num", "passthrough", TAG_COLUMNS[1:])])), ("forest", forest)])


def train(spec, data, params):
    """Returns the fitted estimator and its metrics. `data` holds the features, under the model's names, and the labels as `label`."""
    features = [name for name in data.columns if name != "label"]
    estimator = new_estimator(spec.kind, params)
    if spec.kind == "IF":
        estimator.fit(data[features])
        return estimator, {"training_rows": len(data), "offset": float(estimator.offset_)}
    if spec.kind == "RFM":
        data = data[data["label"].notna()]
    rows = data.iloc[::-(-len(data) // MAX_TRAINING_ROWS)]
    stratify = rows["label"] if spec.kind == "XGB" else None
    train_x, test_x, train_y, test_y = train_test_split(rows[features], rows["label"], test_size=0.2, random_state=SEED, stratify=stratify)
    if spec.kind == "XGB" and spec.flavor not in ("ubj", "json"):
        # through the sklearn flavor, fitted on an array: the booster knows no feature names, and order alone counts
        estimator.fit(train_x.to_numpy(), train_y.to_numpy())
        test_x = test_x.to_numpy()
    else:
        estimator.fit(train_x, train_y.to_numpy(object if spec.kind == "RFM" else None))
    metrics = {"training_rows": len(train_x)}
    if spec.kind == "XGB":
        metrics["roc_auc"] = float(roc_auc_score(test_y, estimator.predict_proba(test_x)[:, 1]))
    elif spec.kind == "GBR":
        metrics["r2"] = float(r2_score(test_y, estimator.predict(test_x)))
    else:
        metrics["accuracy"] = float(accuracy_score(test_y.to_numpy(object), estimator.predict(test_x)))
    return estimator, metrics


def training_data(con, spec):
    """The whole source of the model in key order: keys, features under the model's names, label."""
    entry = ENTRIES[spec.name]
    keys = entry["id_columns"]
    if spec.kind == "RFM":
        frame = con.execute(f"""SELECT s.*, j.team AS label FROM ({lake.local(entry['source']['sql'])}) AS s
            JOIN gold.dim_job AS j USING (workspace_id, job_id) ORDER BY {', '.join('s.' + key for key in keys)}""").df()
        return frame[keys], frame[TAG_COLUMNS].assign(label=frame["label"].astype(object))
    table = f"main.ml.{entry['feature_table']}"
    frame = con.execute(f"SELECT * FROM {lake.local(table)} ORDER BY {', '.join(keys)}").df()
    features = [name for name in lake.feature_columns(con, table) if name not in spec.drop]
    data = frame[features].rename(columns=spec.renamed)
    if spec.label:
        seed = [SEED, *hashlib.md5(spec.name.encode()).digest()[:4]]
        data["label"] = spec.label(frame, np.random.default_rng(seed))
    return frame[keys], data


# ---------------------------------------------------------------- storing

REQUIREMENTS = [f"mlflow=={mlflow.__version__}", f"numpy=={np.__version__}", f"pandas=={pd.__version__}",
                f"scikit-learn=={sklearn.__version__}"]


def requirements(spec):
    more = ["cloudpickle"] if spec.flavor == "cloudpickle" else ["skops"] if spec.flavor == "skops" else []
    more += ["xgboost"] if spec.kind == "XGB" else []
    pinned = (HERE / "requirements.txt").read_text().split()
    return REQUIREMENTS + [line for line in pinned if line.split("==")[0] in more]


def save_raw(spec, estimator, path, mlflow_model, signature):
    """Saves the estimator as a plain MLflow model."""
    common = {"path": path, "mlflow_model": mlflow_model, "signature": signature, "pip_requirements": requirements(spec)}
    if spec.flavor in ("ubj", "json"):
        mlflow.xgboost.save_model(estimator, model_format=spec.flavor, **common)
        return
    trusted = sorted(skops.io.get_untrusted_types(data=skops.io.dumps(estimator))) if spec.flavor == "skops" else None
    mlflow.sklearn.save_model(estimator, serialization_format=spec.flavor, skops_trusted_types=trusted, **common)


def feature_spec(spec, entry, features):
    """The text of feature_spec.yaml: key columns from the caller, every other input looked up in the feature table."""
    table = f"main.ml.{entry['feature_table']}"
    keys = entry["id_columns"]
    back = {new: old for old, new in spec.renamed.items()}
    kinds = {keys[0]: "string", keys[1]: "date"}
    # look-ups are numbered by name, after the keys
    order = {name: len(keys) + i for i, name in enumerate(sorted(features))}
    columns = [{key: {"data_type": kinds[key], "include": False, "topological_ordering": i, "source": "training_data"}} for i, key in enumerate(keys)]
    for name in features:
        attributes = {"table_name": table, "feature_name": back.get(name, name), "lookup_key": list(keys)}
        if name in spec.defaults:
            attributes["default_value"] = spec.defaults[name]
        columns.append({name: {**attributes, "data_type": "double", "topological_ordering": order[name], "source": "feature_store"}})
    document = {
        "input_columns": columns,
        "workspace_id": "1250000000000000",
        "feature_store_client_version": "0.18.2" if spec.spec_version == 11 else "0.8.0",
        "input_tables": [{table: {"table_id": str(uuid.UUID(hashlib.md5(table.encode()).hexdigest()))}}],
        "serialization_version": spec.spec_version,
    }
    return yaml.safe_dump(document, sort_keys=False, default_flow_style=False, allow_unicode=True)


class StoredModel:
    """What Model.log takes for a flavor: something with save_model. Adds the feature spec to what MLflow's own flavors write."""

    def __init__(self, spec, estimator, features):
        self.spec, self.estimator, self.features = spec, estimator, features
        self.entry = ENTRIES[spec.name]
        output = {"IF": "long", "XGB": "long", "GBR": "double", "RFM": "string"}[spec.kind]
        self.outputs = Schema([ColSpec(output)])
        self.__name__ = "mlflow.xgboost" if spec.flavor in ("ubj", "json") else "mlflow.sklearn"

    def save_model(self, path, mlflow_model, **_):
        path = pathlib.Path(path)
        if self.spec.layout == "feature_store":
            self.save_outer(path, mlflow_model)
            return
        inputs = Schema([ColSpec("string" if name == "job_name" else "double", name) for name in self.features])
        save_raw(self.spec, self.estimator, path, mlflow_model, ModelSignature(inputs, self.outputs))
        if self.spec.layout == "beside":
            (path / "feature_spec.yaml").write_text(feature_spec(self.spec, self.entry, self.features))

    def save_outer(self, path, mlflow_model):
        store = path / "data" / "feature_store"
        store.mkdir(parents=True)
        (store / "feature_spec.yaml").write_text(feature_spec(self.spec, self.entry, self.features))
        raw = store / "raw_model"
        save_raw(self.spec, self.estimator, raw, Model(run_id=mlflow_model.run_id), ModelSignature(outputs=self.outputs))

        extra = "databricks-feature-lookup==1.*"
        (path / "requirements.txt").write_text((raw / "requirements.txt").read_text().rstrip("\n") + f"\n{extra}\n")
        environment = yaml.safe_load((raw / "conda.yaml").read_text())
        environment["dependencies"][-1]["pip"].append(extra)
        (path / "conda.yaml").write_text(yaml.safe_dump(environment, sort_keys=False))
        shutil.copy(raw / "python_env.yaml", path / "python_env.yaml")

        keys = self.entry["id_columns"]
        inputs = [ColSpec("string", keys[0]), ColSpec("datetime", keys[1]), *(ColSpec("double", name, required=False) for name in self.features)]
        mlflow_model.signature = ModelSignature(Schema(inputs), self.outputs, ParamSchema([ParamSpec("result_type", "string", "NO_RESULT_TYPE")]))
        mlflow_model.add_flavor("python_function", loader_module="databricks.feature_store.mlflow_model", data="data/feature_store",
                                python_version=sys.version.split()[0], env={"conda": "conda.yaml", "virtualenv": "python_env.yaml"})
        mlflow_model.save(str(path / "MLmodel"))


def log(client, spec, estimator, features, params, metrics, version):
    """Logs one version in a run of its own and registers it. Returns the raw model's folder, relative to ROOT."""
    experiment_id = mlflow.set_experiment(f"/Shared/health_monitor_ml_{spec.name}").experiment_id
    algorithm = {"IF": "isolation_forest", "GBR": "gradient_boosting", "XGB": "xgboost", "RFM": "random_forest"}[spec.kind]
    run = client.create_run(experiment_id, run_name=f"{spec.name}_{algorithm}_v{version}_{RUN_STAMP}", tags={
        "project": "health_monitor", "domain": ENTRIES[spec.name]["domain"].lower(), "model_name": spec.name,
        "model_type": ENTRIES[spec.name]["model_type"], "algorithm": algorithm,
        "training_data": ENTRIES[spec.name].get("feature_table", "cost_features, job names"),
        "feature_engineering": "none" if spec.layout == "none" else "unity_catalog",
        "mlflow.user": "ml", "mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL"})
    run_id = run.info.run_id
    client.log_batch(run_id, metrics=[Metric(k, v, 0, 0) for k, v in metrics.items()], params=[Param(k, str(v)) for k, v in sorted(params.items())])
    stored = StoredModel(spec, estimator, features)
    registered = spec.registered or f"main.ml.{spec.name}"
    if spec.run_artifact:
        folder = ROOT / "scratch" / "model"
        model = Model(artifact_path="model", run_id=run_id)
        stored.save_model(folder, model)
        client.log_artifacts(run_id, str(folder), "model")
        shutil.rmtree(folder.parent)
        mlflow.register_model(f"runs:/{run_id}/model", registered)
        location = run.info.artifact_uri + "/model"
    else:
        info = Model.log(artifact_path=None, name=spec.name, flavor=stored, run_id=run_id, registered_model_name=registered, await_registration_for=0)
        client.finalize_logged_model(info.model_id, "READY")
        location = client.get_logged_model(info.model_id).artifact_location
    client.set_terminated(run_id)
    folder = pathlib.Path(location.removeprefix("file://")).relative_to(ROOT)
    return folder / "data" / "feature_store" / "raw_model" if spec.layout == "feature_store" else folder


# ---------------------------------------------------------------- the reference scores

def golden_positions(features):
    """Rows with the least and the greatest value of each feature, then rows at even distances, GOLDEN_ROWS in all."""
    numbers = features.select_dtypes("number").to_numpy()
    chosen = dict.fromkeys([*numbers.argmin(axis=0).tolist(), *numbers.argmax(axis=0).tolist()])
    rows = len(features)
    for position in np.linspace(0, rows - 1, min(rows, GOLDEN_ROWS)).astype(int).tolist() if rows > GOLDEN_ROWS else range(rows):
        if len(chosen) < GOLDEN_ROWS:
            chosen.setdefault(position)
    return sorted(chosen)


def reference(spec, estimator, features):
    """The expected columns of the rows, by the library itself, in one thread."""
    if spec.kind == "IF":
        estimator.set_params(n_jobs=1)
        decision = estimator.decision_function(features)
        return {"prediction": decision, "is_anomaly": (decision < 0).astype(int), "score_samples": estimator.score_samples(features)}
    if spec.kind == "GBR":
        return {"prediction": estimator.predict(features)}
    if spec.kind == "XGB":
        estimator.set_params(n_jobs=1)
        array = features if spec.flavor in ("ubj", "json") else features.to_numpy()
        return {"probability": estimator.predict_proba(array)[:, 1].astype(np.float64), "predicted_class": estimator.predict(array).astype(int)}
    probabilities = estimator.predict_proba(features)
    return {"prediction": estimator.predict(features), "probability": probabilities.max(axis=1),
            **{f"probability[{label}]": probabilities[:, i] for i, label in enumerate(estimator.classes_)}}


def text(value):
    """Shortest text that reads back as the same double; dates as ISO days."""
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)


def write_golden(spec, keys, expected, path):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*keys.columns, *expected])
        for i, row in enumerate(keys.itertuples(index=False)):
            writer.writerow([text(value) for value in (*row, *(values[i] for values in expected.values()))])


# ---------------------------------------------------------------- the whole

def neutral(database):
    """Removes what tells of the machine, and packs the database."""
    with sqlite3.connect(database) as db:
        db.execute("UPDATE runs SET user_id = 'ml', source_name = 'train.py'")
        for table in ("tags", "logged_model_tags"):
            db.execute(f"DELETE FROM {table} WHERE {'key' if table == 'tags' else 'tag_key'} LIKE 'mlflow.source.git%'")
    db.execute("VACUUM")
    db.close()


def pack(target):
    """registry.zip: mlflow.db and mlruns, in name order, with one fixed date."""
    files = [ROOT / "mlflow.db", *sorted(path for path in (ROOT / "mlruns").rglob("*") if path.is_file())]
    with zipfile.ZipFile(target, "w") as archive:
        for path in files:
            info = zipfile.ZipInfo(path.relative_to(ROOT).as_posix(), ZIP_DATE)
            info.external_attr = 0o644 << 16
            archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="train these models only, and leave registry.zip alone")
    parser.add_argument("--warehouse", action="store_true", help="also write the tables as Delta tables below the root")
    arguments = parser.parse_args()
    only = [name for name in arguments.only.split(",") if name]

    assert not __cpu_features__["X86_V4"], "NumPy still dispatches to AVX-512"
    generator = random.Random(SEED)
    uuid.uuid4 = lambda: uuid.UUID(int=generator.getrandbits(128), version=4)  # the same ids, so the same paths, each time

    shutil.rmtree(ROOT / "mlruns", ignore_errors=True)
    (ROOT / "mlflow.db").unlink(missing_ok=True)
    ROOT.mkdir(parents=True, exist_ok=True)
    os.chdir(ROOT)
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    client = mlflow.MlflowClient()

    con = lake.open_lake()
    lake.check(con)
    if arguments.warehouse:
        lake.write_delta(con, ROOT / "warehouse")

    manifest = []
    golden = HERE / "golden"
    for spec in MODELS:
        if only and spec.name not in only:
            continue
        entry = ENTRIES[spec.name]
        keys, data = training_data(con, spec)
        features = [name for name in data.columns if name != "label"]
        versions = [*spec.older, spec.params, *spec.newer]
        for version, params in enumerate(versions, 1):
            params = params if params is spec.params else {**spec.params, **params}
            estimator, metrics = train(spec, data, params)
            raw = log(client, spec, estimator, features, params, metrics, version)
            if version == len(spec.older) + 1:
                scored, scored_raw, scored_version = estimator, raw, version
                print(f"{spec.name} version {version}: {metrics}", flush=True)
        if spec.alias:
            client.set_registered_model_alias(spec.registered or f"main.ml.{spec.name}", spec.alias, str(scored_version))

        rows = golden_positions(data[features])
        write_golden(spec, keys.iloc[rows], reference(spec, scored, data[features].iloc[rows]), golden / f"{spec.name}.csv")
        back = {new: old for old, new in spec.renamed.items()}
        if spec.kind != "RFM":
            # the peers score what loads as an XGBoost file by XGBoost, and any other classifier by its predict_proba
            kind = "RF" if spec.kind == "XGB" and spec.flavor not in ("ubj", "json") else spec.kind
            manifest.append({"name": spec.name, "table": entry["feature_table"], "kind": kind, "output": entry["output_table"],
                             "keys": entry["id_columns"], "features": [back.get(name, name) for name in features],
                             "version": scored_version, "raw": scored_raw.as_posix(), "estimator": type(scored).__name__,
                             "serialization": spec.flavor, "numpy_avx512": False})
    if only:
        return
    neutral(ROOT / "mlflow.db")
    pack(HERE / "registry.zip")
    lines = ",\n".join(json.dumps(model) for model in manifest)
    (HERE / "manifest.json").write_text(f"[\n{lines}\n]\n")
    shutil.copy(HERE / "manifest.json", ROOT / "manifest.json")
    settings = {"python": sys.version.split()[0], "versions": dict(line.split("==") for line in (HERE / "requirements.txt").read_text().split()),
                "numpy_avx512": bool(__cpu_features__["X86_V4"]), "numpy_disabled_cpu_features": os.environ["NPY_DISABLE_CPU_FEATURES"],
                "openblas_coretype": os.environ["OPENBLAS_CORETYPE"], "threads": 1}
    (golden / "reference.json").write_text(json.dumps(settings, indent=2) + "\n")


if __name__ == "__main__":
    main()
