"""The generated tables: each generator/*.sql is one DuckDB SELECT, listed in generator/tables.yaml."""
import pathlib
import re

import duckdb
import yaml

HERE = pathlib.Path(__file__).parent
TABLES = yaml.safe_load((HERE / "generator" / "tables.yaml").read_text())["tables"]
PIPELINE = yaml.safe_load((HERE / "pipeline.yaml").read_text())


def local(sql):
    """The same SQL without the catalog: DuckDB reserves the catalog name `main` for itself."""
    return re.sub(r"\bmain\.(ml|gold)\.", r"\1.", sql)


def open_lake():
    """A DuckDB connection with every table of the catalog."""
    con = duckdb.connect()
    con.execute("SET threads = 2; SET TimeZone = 'UTC'; CREATE SCHEMA ml; CREATE SCHEMA gold")
    for table in TABLES:
        con.execute(f"CREATE TABLE {local(table['name'])} AS {(HERE / 'generator' / table['sql']).read_text()}")
    return con


def check(con):
    """Compares every table with generator/checksums.txt; a difference means that goldens will not fit either."""
    for line in (HERE / "generator" / "checksums.txt").read_text().splitlines():
        if not line.startswith("#"):
            name, rows, checksum = line.split()
            found = con.execute(f"SELECT count(*), sum(md5_number_lower(t::VARCHAR)) FROM {local(name)} AS t").fetchone()
            if found != (int(rows), int(checksum)):
                raise SystemExit(f"{name}: {found[0]} rows with checksum {found[1]}, expected {rows} with {checksum}")


def write_delta(con, folder):
    """Writes all tables as Delta tables folder/<catalog>/<schema>/<table>."""
    from deltalake import write_deltalake

    for table in TABLES:
        rows = con.execute(f"SELECT * FROM {local(table['name'])} ORDER BY {', '.join(table['primary_key'])}").to_arrow_table()
        write_deltalake(str(pathlib.Path(folder, *table["name"].split("."))), rows, mode="overwrite", schema_mode="overwrite",
                        description=table["comment"])


def feature_columns(con, table):
    """The columns that the models may read: all numeric ones."""
    kinds = con.execute(f"DESCRIBE {local(table)}").fetchall()
    return [name for name, kind, *_ in kinds if kind == "DOUBLE"]
