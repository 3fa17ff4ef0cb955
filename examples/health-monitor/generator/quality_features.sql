-- main.ml.quality_features: 10 catalogs x 10 weekly snapshots = 100 rows.
-- Every number follows from the row's own (c, s) by integer arithmetic, so the rows are the same on every machine.
WITH grid AS (
  SELECT c, s, ((c * 10 + s + 1) * 1103515245 + 13579) % 2147483647 AS s0 FROM range(10) AS catalogs(c), range(10) AS snapshots(s)
), mixed_once AS (
  SELECT c, s, (xor(s0, s0 >> 15) * 1597334677) % 2147483647 AS s1 FROM grid
), mixed AS (
  SELECT c, s, (xor(s1, s1 >> 13) * 1812433253) % 2147483647 AS h FROM mixed_once
), drawn AS (
  SELECT c, s,
    ((c + 1) * 1583458089 % 2147483647) / 2147483647e0 AS v_size,
    ((c + 1) * 784588716 % 2147483647) / 2147483647e0 AS v_pk,
    ((c + 1) * 950706376 % 2147483647) / 2147483647e0 AS v_cdf,
    ((c + 1) * 742938285 % 2147483647) / 2147483647e0 AS v_width,
    (h * 62089911 % 2147483647) / 2147483647e0 AS u_created,
    (h * 630360016 % 2147483647) / 2147483647e0 AS u_modified,
    (h * 397204094 % 2147483647) / 2147483647e0 AS u_schema,
    (h * 1132489760 % 2147483647) / 2147483647e0 AS u_rows
  FROM mixed
), counted AS (
  SELECT *,
    floor((25e0 + 900e0 * v_size * v_size) * (1e0 + 0.012e0 * s))::BIGINT AS tables,
    floor(14e0 * u_created * u_created * (0.4e0 + v_size))::BIGINT AS created
  FROM drawn
), covered AS (
  SELECT *,
    floor(tables * (0.1e0 + 0.7e0 * v_pk + 0.01e0 * s))::BIGINT AS with_pk,
    floor(tables * (0.05e0 + 0.5e0 * v_cdf + 0.006e0 * s))::BIGINT AS with_cdf,
    floor(tables * (0.1e0 + 0.5e0 * u_modified))::BIGINT AS modified
  FROM counted
)
SELECT
  ['main', 'finance', 'marketing', 'risk', 'supply_chain', 'product', 'platform', 'sandbox', 'staging', 'archive'][c + 1] AS catalog_name,
  DATE '2025-11-28' + (7 * s)::INTEGER AS snapshot_date,
  tables::DOUBLE AS table_count,
  floor(3e0 + 22e0 * v_size) AS schema_count,
  floor((8e0 + 30e0 * v_width + 0.1e0 * s) * 1e3 + 0.5e0) / 1e3 AS column_count_avg,
  floor(tables * 1.5e6 * (0.5e0 + u_rows)) AS total_rows,
  with_pk::DOUBLE AS tables_with_pk,
  floor(with_pk / tables::DOUBLE * 1e6 + 0.5e0) / 1e6 AS pk_coverage,
  with_cdf::DOUBLE AS tables_with_cdf,
  floor(with_cdf / tables::DOUBLE * 1e6 + 0.5e0) / 1e6 AS cdf_coverage,
  created::DOUBLE AS tables_created_last_7d,
  modified::DOUBLE AS tables_modified_last_7d,
  CASE WHEN u_schema + 0.06e0 * created < 0.62e0 THEN 0e0 ELSE floor(1e0 + 5e0 * u_schema) END AS schema_changes_7d,
  TIMESTAMPTZ '2026-01-31 02:00:00+00' AS feature_timestamp
FROM covered
