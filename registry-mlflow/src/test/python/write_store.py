"""Writes a small MLflow store: write_store.py {sqlite|file|http://SERVER} FOLDER.

The same script runs under MLflow 2.x and 3.x. Models are named and versioned so that every way to
ask for one has a different answer:

    main.ml.churn   versions 1..11; 5 deleted, 11 the newest; champion -> 2, challenger -> 10;
                    1 Archived, 2 and 3 Production, 4 Staging
    main.ml.chum    version 1: a name near to churn
    two words       version 1: a name that needs encoding in a URI
    copied          version 1: registered from a plain folder outside of any run; on a server, from a
                    folder of a run
    empty           no version

Each model's only coefficient is its number in the order of logging, so that a test can tell them
apart: 1, 2 and 3 for churn, 4 for the other names.
"""

import os
import shutil
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
kind, folder = sys.argv[1], Path(sys.argv[2]).resolve()
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
os.environ["LOGNAME"] = "ml"
sys.argv[0] = "train.py"
folder.mkdir(parents=True, exist_ok=True)
os.chdir(folder)

import mlflow
import numpy as np
from sklearn.linear_model import LinearRegression

uri = {"sqlite": "sqlite:///mlflow.db", "file": (folder / "mlruns").as_uri()}.get(kind, kind)
mlflow.set_tracking_uri(uri)
mlflow.set_registry_uri(uri)
client = mlflow.MlflowClient()
mlflow.set_experiment("registry")


def log(number, name):
    """Logs a model y = number * x and returns (run id, source for create_model_version)."""
    x = np.array([[0.0], [1.0]])
    model = LinearRegression(fit_intercept=False).fit(x, number * x[:, 0])
    with mlflow.start_run(run_name=f"{name}-{number}") as run:
        where = {"name": name} if mlflow.__version__ >= "3" else {"artifact_path": name}
        info = mlflow.sklearn.log_model(
            model,
            serialization_format="pickle",
            pip_requirements=["scikit-learn==1.6.1"],
            **where,
        )
        if number == 1:
            mlflow.log_text("not a model", "notes/readme.txt")
    source = info.model_uri
    if mlflow.__version__ < "3":
        source = f"{run.info.artifact_uri}/{name}"
    return run.info.run_id, source, getattr(info, "model_id", None)


def register(name, logged):
    run_id, source, model_id = logged
    more = {"model_id": model_id} if model_id else {}
    return client.create_model_version(name, source, run_id, **more)


churn = [log(number, "model") for number in (1, 2, 3)]
client.create_registered_model("main.ml.churn")
for version in range(1, 12):
    register("main.ml.churn", churn[min(version, 3) - 1])
client.delete_model_version("main.ml.churn", "5")
client.set_registered_model_alias("main.ml.churn", "champion", "2")
client.set_registered_model_alias("main.ml.churn", "challenger", "10")
for version, stage in ((1, "Archived"), (2, "Production"), (3, "Production"), (4, "Staging")):
    client.transition_model_version_stage("main.ml.churn", str(version), stage)

other = log(4, "other")
for name in ("main.ml.chum", "two words"):
    client.create_registered_model(name)
    register(name, other)

exported = folder / "exported" / "nightly"
mlflow.sklearn.save_model(
    LinearRegression(fit_intercept=False).fit([[0.0], [1.0]], [0.0, 5.0]),
    exported,
    serialization_format="pickle",
    pip_requirements=["scikit-learn==1.6.1"],
)
client.create_registered_model("copied")
if kind.startswith("http"):
    # A server takes no path of a client's machine: the folder becomes a run's artifact.
    with mlflow.start_run(run_name="exported") as run:
        mlflow.log_artifacts(str(exported.parent), "exported")
    source = f"{run.info.artifact_uri}/exported/nightly"
    client.create_model_version("copied", source, run.info.run_id)
else:
    client.create_model_version("copied", str(exported))
client.create_registered_model("empty")

for unused in folder.rglob("input_example.json"):
    unused.unlink()
shutil.rmtree(folder / "mlruns" / ".trash", ignore_errors=True)
print(churn, other)
