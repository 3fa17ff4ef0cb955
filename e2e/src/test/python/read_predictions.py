"""read_predictions.py DEMO: reads every prediction table with deltalake and checks the documented schema."""
import os
import pathlib
import sys

import yaml
from deltalake import DeltaTable

demo = pathlib.Path(sys.argv[1])
pipeline = yaml.safe_load((demo / "pipeline.yaml").read_text())
TYPE_COLUMNS = {
    "anomaly_detection": [("prediction", "double"), ("anomaly_score", "double"), ("is_anomaly", "integer")],
    "classification": [("prediction", "double"), ("probability", "double"), ("predicted_class", "integer")],
    "multiclass": [("prediction", "string"), ("probability", "double"), ("probabilities", None)],
    "regression": [("prediction", "double")],
}
METADATA = [("model_version", "integer"), ("model_name", "string"), ("scored_at", "timestamp")]
total = 0
for model in pipeline["models"]:
    table = DeltaTable(str(demo / "warehouse" / "main" / "ml" / model["output_table"]))
    fields = table.schema().fields
    alias = [(model["prediction_alias"], "double")] if "prediction_alias" in model else []
    wanted = [(k, None) for k in model["id_columns"]] + TYPE_COLUMNS[model["model_type"]] + alias + METADATA
    assert [f.name for f in fields] == [name for name, _ in wanted], (model["model_name"], [f.name for f in fields])
    for field, (name, kind) in zip(fields, wanted):
        assert kind is None or field.type.type == kind, (model["model_name"], name, field.type)
        assert field.metadata.get("comment"), (model["model_name"], name, "has no comment")
    assert table.metadata().description.startswith("Predictions of model "), table.metadata().description
    rows = table.to_pyarrow_table(columns=["prediction", "model_name", "scored_at"])
    assert rows["prediction"].null_count == 0, model["model_name"]
    assert rows["model_name"].unique().to_pylist() == [model["model_name"]]
    assert len(rows["scored_at"].unique()) == 1
    assert str(rows["scored_at"].type) == "timestamp[us, tz=UTC]", rows["scored_at"].type
    actions = table.get_add_actions(flatten=True)
    counted = sum(actions["num_records"].to_pylist())
    assert counted == rows.num_rows, (model["model_name"], counted, rows.num_rows)
    total += rows.num_rows
print(f"{len(pipeline['models'])} prediction tables, {total} rows")
sys.stdout.flush()
os._exit(0)  # pyarrow has been seen to abort while Python shuts down
