-- main.ml.cost_features: 20 workspaces x 137 days = 2,740 rows.
-- Every number follows from the row's own (w, d) by integer arithmetic, so the rows are the same on every machine.
-- fact_usage.sql repeats the steps down to `spent`; reliability_features.sql repeats the spikes. Change them together.
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
), windowed AS (
  -- sums of integers: exact, whatever the order of the additions
  SELECT *,
    count(*) OVER last7 AS n7, sum(dbu) OVER last7 AS sum7, sum(dbu * dbu) OVER last7 AS squares7,
    count(*) OVER last30 AS n30, sum(dbu) OVER last30 AS sum30, sum(dbu * dbu) OVER last30 AS squares30,
    lag(dbu, 1) OVER history AS lag1, lag(dbu, 7) OVER history AS lag7
  FROM spent
  WINDOW history AS (PARTITION BY w ORDER BY d),
    last7 AS (PARTITION BY w ORDER BY d ROWS BETWEEN 6 PRECEDING AND CURRENT ROW),
    last30 AS (PARTITION BY w ORDER BY d ROWS BETWEEN 29 PRECEDING AND CURRENT ROW)
), spread AS (
  SELECT *,
    sum7::DOUBLE / (n7 * 1e3) AS avg7, sum30::DOUBLE / (n30 * 1e3) AS avg30,
    CASE WHEN n7 > 1 THEN sqrt((n7 * squares7 - sum7 * sum7)::DOUBLE / (n7 * (n7 - 1))) / 1e3 ELSE 0e0 END AS std7,
    CASE WHEN n30 > 1 THEN sqrt((n30 * squares30 - sum30 * sum30)::DOUBLE / (n30 * (n30 - 1))) / 1e3 ELSE 0e0 END AS std30
  FROM windowed
)
SELECT
  (1250000000000000 + w * 98765432101)::VARCHAR AS workspace_id,
  usage_date,
  dbu / 1e3 AS daily_dbu,
  cost_e5 / 1e5 AS daily_cost,
  misplaced_cost / 1e5 AS jobs_on_all_purpose_cost,
  floor(1e0 + misplaced_share / 60e0 + 3e0 * u_count) AS jobs_on_all_purpose_count,
  serverless_cost_e5 / 1e5 AS serverless_cost,
  dlt_cost_e5 / 1e5 AS dlt_cost,
  serving_cost_e5 / 1e5 AS model_serving_cost,
  floor(avg7 * 1e6 + 0.5e0) / 1e6 AS avg_dbu_7d,
  floor(std7 * 1e6 + 0.5e0) / 1e6 AS std_dbu_7d,
  floor(avg30 * 1e6 + 0.5e0) / 1e6 AS avg_dbu_30d,
  floor(std30 * 1e6 + 0.5e0) / 1e6 AS std_dbu_30d,
  CASE WHEN std7 > 0e0 THEN floor((dbu / 1e3 - avg7) / std7 * 1e6 + 0.5e0) / 1e6 ELSE 0e0 END AS z_score_7d,
  CASE WHEN std30 > 0e0 THEN floor((dbu / 1e3 - avg30) / std30 * 1e6 + 0.5e0) / 1e6 ELSE 0e0 END AS z_score_30d,
  dow::DOUBLE AS day_of_week,
  (dow IN (1, 7))::INTEGER::DOUBLE AS is_weekend,
  dom::DOUBLE AS day_of_month,
  (dom >= 28)::INTEGER::DOUBLE AS is_month_end,
  floor(sin(2e0 * 3.14159e0 * dow / 7e0) * 1e6 + 0.5e0) / 1e6 AS dow_sin,
  floor(cos(2e0 * 3.14159e0 * dow / 7e0) * 1e6 + 0.5e0) / 1e6 AS dow_cos,
  coalesce(lag1, 0) / 1e3 AS daily_dbu_lag1,
  coalesce(lag7, 0) / 1e3 AS daily_dbu_lag7,
  coalesce(floor((dbu - lag1) / lag1::DOUBLE * 1e2 * 1e6 + 0.5e0) / 1e6, 0e0) AS dbu_change_pct_1d,
  coalesce(floor((dbu - lag7) / lag7::DOUBLE * 1e2 * 1e6 + 0.5e0) / 1e6, 0e0) AS dbu_change_pct_7d,
  misplaced_cost * 4 / 1e6 AS potential_job_cluster_savings,
  floor(misplaced_cost / cost_e5::DOUBLE * 1e6 + 0.5e0) / 1e6 AS all_purpose_inefficiency_ratio,
  floor(serverless_cost_e5 / cost_e5::DOUBLE * 1e6 + 0.5e0) / 1e6 AS serverless_adoption_ratio,
  TIMESTAMPTZ '2026-01-31 02:00:00+00' AS feature_timestamp
FROM spread
