"""Writes tables as deltalake does: write_tables.py FOLDER"""

import datetime
import decimal
import os
import sys

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

root = sys.argv[1]
utc = datetime.timezone.utc

# Partitioned by every type that people partition by, with a NULL in each.
write_deltalake(
    os.path.join(root, "partitioned"),
    pa.table(
        {
            "id": pa.array([1, 2, 3], pa.int64()),
            "day": pa.array([datetime.date(2024, 3, 10), datetime.date(2024, 3, 11), None]),
            "at": pa.array(
                [
                    datetime.datetime(2024, 3, 10, 10, 0, 0, tzinfo=utc),
                    datetime.datetime(2024, 3, 10, 10, 0, 0, 500000, tzinfo=utc),
                    None,
                ],
                pa.timestamp("us", tz="UTC"),
            ),
            "price": pa.array([decimal.Decimal("5.00"), decimal.Decimal("12.50"), None], pa.decimal128(10, 2)),
            "flag": pa.array([True, False, None]),
            "kind": pa.array(["a b/c%d", "ü", None]),
        }
    ),
    partition_by=["day", "at", "price", "flag", "kind"],
    name="p",
    description="by deltalake",
)

# Fifteen versions with appends, an overwrite, a delete and a checkpoint; floats with NaN and infinities.
path = os.path.join(root, "grown")
for i in range(12):
    write_deltalake(
        path,
        pa.table({"id": pa.array([i], pa.int64()), "x": pa.array([float("nan") if i % 2 else float("inf")])}),
        mode="append",
    )
DeltaTable(path).create_checkpoint()
write_deltalake(path, pa.table({"id": pa.array([100], pa.int64()), "x": pa.array([0.5])}), mode="append")
DeltaTable(path).delete("id < 3")

# A table of ours is appended to, and then checkpointed.
ours = os.path.join(root, "ours")
if os.path.exists(ours):
    write_deltalake(
        ours,
        pa.table({"id": pa.array([7], pa.int64()), "prediction": pa.array([0.25])}),
        mode="append",
    )
    DeltaTable(ours).create_checkpoint()
