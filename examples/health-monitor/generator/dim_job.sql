-- main.gold.dim_job: the 400 jobs that fact_usage names, 20 of each workspace. Names follow the owning team, mostly.
WITH jobs AS (
  SELECT job, (job * 1103515245 + 12345) % 2147483647 AS s0 FROM range(400) AS j(job)
), mixed_once AS (
  SELECT *, (xor(s0, s0 >> 15) * 1597334677) % 2147483647 AS s1 FROM jobs
), mixed AS (
  SELECT *, (xor(s1, s1 >> 13) * 1812433253) % 2147483647 AS h FROM mixed_once
), drawn AS (
  SELECT *,
    h * 1583458089 % 2147483647 % 6 AS team,
    h * 784588716 % 2147483647 % 7 AS subject,
    h * 950706376 % 2147483647 % 6 AS verb,
    h * 742938285 % 2147483647 % 4 AS rhythm,
    h * 1226874159 % 2147483647 % 100 AS tagged,
    h * 1343714438 % 2147483647 % 100 AS stray,
    h * 62089911 % 2147483647 % 900 AS age_days
  FROM mixed
), worded AS (
  -- one job in eight works on another team's subject
  SELECT *, CASE WHEN stray < 12 THEN (team + 1) % 6 ELSE team END AS field FROM drawn
)
SELECT
  (1250000000000000 + job % 20 * 98765432101)::VARCHAR AS workspace_id,
  (700000000000 + job * 104729)::VARCHAR AS job_id,
  ['ingest', 'refresh', 'export', 'validate', 'aggregate', 'backfill'][verb + 1] || ' '
    || [['general ledger', 'invoice lines', 'payment batches', 'revenue report', 'cost centers', 'tax filings', 'budget actuals'],
        ['campaign clicks', 'email audience', 'web sessions', 'ad spend', 'lead scores', 'newsletter sends', 'attribution paths'],
        ['credit exposure', 'fraud signals', 'claims triage', 'limit checks', 'risk factors', 'fraud labels', 'collateral values'],
        ['warehouse stock', 'supplier orders', 'shipment tracking', 'route plans', 'demand history', 'stock counts', 'carrier invoices'],
        ['app events', 'feature flags', 'crash logs', 'user cohorts', 'experiment results', 'search queries', 'session replays'],
        ['audit logs', 'cluster events', 'table maintenance', 'access reviews', 'cost usage', 'table vacuum', 'schema registry']][field + 1][subject + 1] || ' '
    || ['hourly', 'daily', 'weekly', 'on demand'][rhythm + 1] AS name,
  CASE WHEN tagged < 85 THEN ['finance', 'marketing', 'risk', 'supply chain', 'product', 'platform'][team + 1] END AS team,
  TIMESTAMPTZ '2025-09-15 08:30:00+00' - to_days(age_days::INTEGER) AS created_at
FROM worded
