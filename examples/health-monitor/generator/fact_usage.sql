-- main.gold.fact_usage: what each workspace used per day, 7 meter records a day, 19,180 rows.
-- The steps down to `spent` are those of cost_features.sql, so sums by workspace and day equal daily_dbu and daily_cost.
WITH grid AS (
  SELECT w, d, DATE '2025-09-16' + d::INTEGER AS usage_date, (w * 137 + d + 1) * 1103515245 + 12345 AS s0
  FROM range(20) AS workspaces(w), range(137) AS days(d)
), mixed_once AS (
  SELECT *, (xor(s0 % 2147483647, (s0 % 2147483647) >> 15) * 1597334677) % 2147483647 AS s1 FROM grid
), mixed AS (
  SELECT *, (xor(s1, s1 >> 13) * 1812433253) % 2147483647 AS h FROM mixed_once
), drawn AS (
  SELECT w, d, usage_date, dayofweek(usage_date) + 1 AS dow, day(usage_date) AS dom,
    -- uniform numbers of the workspace (v) and of the row (u), and an approximately normal one (g)
    ((w + 1) * 1583458089 % 2147483647) / 2147483647e0 AS v_size,
    ((w + 1) * 784588716 % 2147483647) / 2147483647e0 AS v_serverless,
    ((w + 1) * 950706376 % 2147483647) / 2147483647e0 AS v_all_purpose,
    ((w + 1) * 742938285 % 2147483647) / 2147483647e0 AS v_growth,
    ((w + 1) * 1226874159 % 2147483647) / 2147483647e0 AS v_weekend,
    ((w + 1) * 1343714438 % 2147483647) / 2147483647e0 AS v_discipline,
    (h * 62089911 % 2147483647) / 2147483647e0 AS u_event,
    (h * 630360016 % 2147483647) / 2147483647e0 AS u_force,
    (h * 397204094 % 2147483647) / 2147483647e0 AS u_serverless,
    (h * 1132489760 % 2147483647) / 2147483647e0 AS u_all_purpose,
    (h * 2007237709 % 2147483647) / 2147483647e0 AS u_jobs,
    (h * 1615070911 % 2147483647) / 2147483647e0 AS u_count,
    ((h * 1078318381 % 2147483647) / 2147483647e0 + (h * 1203248318 % 2147483647) / 2147483647e0
      + (h * 397701121 % 2147483647) / 2147483647e0 + (h * 2027812808 % 2147483647) / 2147483647e0 - 2e0) * 1.7320508e0 AS g
  FROM mixed
), events AS (
  SELECT *, (u_event < 0.018e0 OR (d = 136 AND w IN (3, 8, 12, 17))) AS is_spike, u_event > 0.99e0 AS is_drop FROM drawn
), metered AS (
  -- quantities in thousandths of a DBU, shares in thousandths
  SELECT *,
    greatest(5000, floor(1e3 * (80e0 + 2400e0 * v_size * v_size * v_size) * (1e0 + 0.003e0 * v_growth * d)
      * CASE WHEN dow IN (1, 7) THEN 0.3e0 + 0.5e0 * v_weekend ELSE 1e0 END
      * CASE WHEN dom >= 28 THEN 1.15e0 ELSE 1e0 END
      * CASE WHEN is_spike THEN 2.2e0 + 2.8e0 * u_force WHEN is_drop THEN 0.15e0 ELSE 1e0 END
      * (1e0 + 0.09e0 * g)))::BIGINT AS dbu,
    least(870, floor(80e0 + 560e0 * v_serverless + 1.6e0 * v_growth * d + 90e0 * u_serverless))::BIGINT AS serverless_share,
    floor(150e0 + 420e0 * v_all_purpose + 60e0 * u_all_purpose + CASE WHEN is_spike THEN 180e0 ELSE 0e0 END)::BIGINT AS all_purpose_share,
    floor(40e0 + 500e0 * (1e0 - v_discipline) + 120e0 * u_jobs)::BIGINT AS misplaced_share
  FROM events
), split AS (
  SELECT *,
    dbu * serverless_share // 1000 AS serverless_dbu,
    (dbu - dbu * serverless_share // 1000) * all_purpose_share // 1000 AS all_purpose_dbu,
    (dbu - dbu * serverless_share // 1000) * 140 // 1000 AS dlt_dbu,
    (dbu - dbu * serverless_share // 1000) * 45 // 1000 AS serving_dbu
  FROM metered
), spent AS (
  -- costs in 1/100,000 of a dollar: thousandths of a DBU x cents per DBU
  SELECT *,
    all_purpose_dbu * misplaced_share // 1000 * 55 AS misplaced_cost,
    serverless_dbu * 70 AS serverless_cost_e5,
    dlt_dbu * 36 AS dlt_cost_e5,
    serving_dbu * 7 AS serving_cost_e5,
    (dbu - serverless_dbu - all_purpose_dbu - dlt_dbu - serving_dbu) * 15 + all_purpose_dbu * 55
      + serverless_dbu * 70 + dlt_dbu * 36 + serving_dbu * 7 AS cost_e5
  FROM split
), records AS (
  SELECT w, d, usage_date, line,
    -- the workspace's jobs are w, w + 20, .. w + 380; three of them are metered on a day
    CASE line
      WHEN 0 THEN w + 20 * ((d * 7 + w * 3) % 20)
      WHEN 1 THEN w + 20 * ((d * 3 + w * 5 + 1) % 20)
      WHEN 2 THEN w + 20 * ((d * 11 + w * 7 + 2) % 20)
    END AS job,
    CASE line WHEN 0 THEN 'JOBS_COMPUTE' WHEN 1 THEN 'ALL_PURPOSE_COMPUTE' WHEN 2 THEN 'SERVERLESS_JOBS_COMPUTE' WHEN 3 THEN 'ALL_PURPOSE_COMPUTE'
      WHEN 4 THEN 'SERVERLESS_SQL_COMPUTE' WHEN 5 THEN 'DLT_COMPUTE' ELSE 'MODEL_SERVING' END AS sku_name,
    CASE line WHEN 0 THEN 15 WHEN 1 THEN 55 WHEN 2 THEN 70 WHEN 3 THEN 55 WHEN 4 THEN 70 WHEN 5 THEN 36 ELSE 7 END AS cents,
    CASE line
      WHEN 0 THEN dbu - serverless_dbu - all_purpose_dbu - dlt_dbu - serving_dbu
      WHEN 1 THEN all_purpose_dbu * misplaced_share // 1000
      WHEN 2 THEN serverless_dbu * 2 // 5
      WHEN 3 THEN all_purpose_dbu - all_purpose_dbu * misplaced_share // 1000
      WHEN 4 THEN serverless_dbu - serverless_dbu * 2 // 5
      WHEN 5 THEN dlt_dbu
      ELSE serving_dbu
    END AS quantity
  FROM spent, range(7) AS lines(line)
)
SELECT
  'u' || lpad(((w * 137 + d) * 7 + line)::VARCHAR, 6, '0') AS usage_id,
  (1250000000000000 + w * 98765432101)::VARCHAR AS workspace_id,
  usage_date,
  sku_name,
  (700000000000 + job * 104729)::VARCHAR AS job_id,
  (quantity / 1e3)::DECIMAL(18, 6) AS usage_quantity,
  (quantity * cents / 1e5)::DECIMAL(18, 6) AS list_cost,
  TIMESTAMPTZ '2025-09-16 00:00:00+00' + to_days(d::INTEGER) AS usage_start_time
FROM records
