-- main.ml.reliability_features: 3,174 jobs x 137 days, the first day short, = 434,739 rows.
-- Every number follows from the row's own number by integer arithmetic, so the rows are the same on every machine.
-- Job k runs in workspace k % 20; on a day on which that workspace's cost spikes (see cost_features.sql) its jobs fail more often.
WITH workspace_days AS (
  SELECT w, d, (w * 137 + d + 1) * 1103515245 + 12345 AS s0 FROM range(20) AS workspaces(w), range(137) AS days(d)
), workspace_mixed AS (
  SELECT w, d, (xor(s0 % 2147483647, (s0 % 2147483647) >> 15) * 1597334677) % 2147483647 AS s1 FROM workspace_days
), spikes AS (
  SELECT w, d,
    (xor(s1, s1 >> 13) * 1812433253) % 2147483647 * 62089911 % 2147483647 / 2147483647e0 < 0.018e0 OR (d = 136 AND w IN (3, 8, 12, 17)) AS is_spike
  FROM workspace_mixed
), grid AS (
  SELECT i % 3174 AS k, 136 - i // 3174 AS d, (i * 1103515245 + 24680) % 2147483647 AS s0 FROM range(434739) AS r(i)
), mixed_once AS (
  SELECT k, d, (xor(s0, s0 >> 15) * 1597334677) % 2147483647 AS s1 FROM grid
), mixed AS (
  SELECT k, d, k % 20 AS w, (xor(s1, s1 >> 13) * 1812433253) % 2147483647 AS h FROM mixed_once
), drawn AS (
  SELECT k, d, is_spike, dayofweek(DATE '2025-09-16' + d::INTEGER) + 1 AS dow,
    ((k + 1) * 1583458089 % 2147483647) / 2147483647e0 AS v_health,
    ((k + 1) * 784588716 % 2147483647) / 2147483647e0 AS v_length,
    ((k + 1) * 950706376 % 2147483647) / 2147483647e0 AS v_rhythm,
    ((k + 1) * 742938285 % 2147483647) / 2147483647e0 AS v_drift,
    -- bad weeks: the same number for all seven days
    ((k * 20 + d // 7 + 1) * 1226874159 % 2147483647) / 2147483647e0 AS v_week,
    (h * 62089911 % 2147483647) / 2147483647e0 AS u_fail,
    (h * 630360016 % 2147483647) / 2147483647e0 AS u_time,
    (h * 397204094 % 2147483647) / 2147483647e0 AS u_tail,
    (h * 1132489760 % 2147483647) / 2147483647e0 AS u_low,
    (h * 2007237709 % 2147483647) / 2147483647e0 AS u_repair,
    (h * 1615070911 % 2147483647) / 2147483647e0 AS u_timeout,
    (h * 1078318381 % 2147483647) / 2147483647e0 AS u_cancel
  FROM mixed JOIN spikes USING (w, d)
), planned AS (
  SELECT *,
    CASE WHEN v_rhythm < 0.55e0 THEN 1 WHEN v_rhythm < 0.8e0 THEN 4 WHEN v_rhythm < 0.95e0 THEN 24 ELSE 96 END AS runs,
    least(0.95e0, CASE WHEN v_health < 0.8e0 THEN 0.015e0 WHEN v_health < 0.95e0 THEN 0.1e0 ELSE 0.4e0 END
      + CASE WHEN v_week < 0.06e0 THEN 0.3e0 ELSE 0e0 END + CASE WHEN is_spike THEN 0.45e0 ELSE 0e0 END) AS risk
  FROM drawn
), ended AS (
  SELECT *, least(runs, floor(runs * risk * (0.5e0 + u_tail) + u_fail))::BIGINT AS failed
  FROM planned
), detailed AS (
  -- times in milliseconds
  SELECT *,
    floor(failed * u_timeout * 0.6e0)::BIGINT AS timed_out,
    least(runs - failed, floor(runs * 0.04e0 * u_cancel + 0.02e0 * u_repair + u_cancel * 0.5e0))::BIGINT AS cancelled,
    floor(failed * u_repair + 0.1e0)::BIGINT AS repaired,
    floor((2.5e4 + 3.2e6 * v_length * v_length * v_length) * (1e0 + 0.004e0 * v_drift * v_drift * d) * (0.85e0 + 0.3e0 * u_time)
      * CASE WHEN risk > 0.3e0 THEN 1.35e0 ELSE 1e0 END)::BIGINT AS p50
  FROM ended
), tailed AS (
  SELECT *,
    CASE WHEN runs = 1 THEN p50 ELSE floor(p50 * (1.15e0 + 0.7e0 * u_tail))::BIGINT END AS p95,
    CASE WHEN runs = 1 THEN p50 ELSE floor(p50 * (1.15e0 + 0.7e0 * u_tail) * (1.05e0 + 0.5e0 * u_timeout))::BIGINT END AS p99,
    CASE WHEN runs = 1 THEN p50 ELSE floor(p50 * (1.15e0 + 0.7e0 * u_tail) * (1.05e0 + 0.5e0 * u_timeout) * (1e0 + 0.2e0 * u_fail))::BIGINT END AS longest,
    CASE WHEN runs = 1 THEN p50 ELSE floor(p50 * (0.4e0 + 0.5e0 * u_low))::BIGINT END AS shortest,
    CASE WHEN runs = 1 THEN p50 ELSE floor(p50 * (0.98e0 + 0.2e0 * u_tail))::BIGINT END AS mean_time,
    CASE WHEN runs = 1 THEN 0 ELSE floor(p50 * (0.06e0 + 0.3e0 * u_tail))::BIGINT END AS deviation
  FROM detailed
), windowed AS (
  -- sums of integers: exact, whatever the order of the additions
  SELECT *,
    count(*) OVER last7 AS n7, sum(p99) OVER last7 AS p99_7,
    count(*) OVER last30 AS n30, sum(p99) OVER last30 AS p99_30, sum(runs) OVER last30 AS runs30, sum(failed) OVER last30 AS failed30,
    sum(repaired) OVER last30 AS repaired30, sum(mean_time) OVER last30 AS time30,
    lag(p99, 7) OVER history AS lag7,
    lag(runs) OVER history AS runs_before, lag(failed) OVER history AS failed_before, lag(cancelled) OVER history AS cancelled_before
  FROM tailed
  WINDOW history AS (PARTITION BY k ORDER BY d),
    last7 AS (PARTITION BY k ORDER BY d ROWS BETWEEN 6 PRECEDING AND CURRENT ROW),
    last30 AS (PARTITION BY k ORDER BY d ROWS BETWEEN 29 PRECEDING AND CURRENT ROW)
), changed AS (
  SELECT *,
    coalesce(floor((p99 - lag7) / lag7::DOUBLE * 1e2 * 1e6 + 0.5e0) / 1e6, 0e0) AS change,
    (runs - failed - cancelled) / runs::DOUBLE AS success,
    coalesce((runs_before - failed_before - cancelled_before) / runs_before::DOUBLE, 0e0) AS success_before
  FROM windowed
)
SELECT
  (700000000000 + k * 104729)::VARCHAR AS job_id,
  DATE '2025-09-16' + d::INTEGER AS run_date,
  runs::DOUBLE AS total_runs,
  (runs - failed - cancelled)::DOUBLE AS successful_runs,
  failed::DOUBLE AS failed_runs,
  mean_time / 1e3 AS avg_duration_sec,
  deviation / 1e3 AS std_duration_sec,
  longest / 1e3 AS max_duration_sec,
  shortest / 1e3 AS min_duration_sec,
  p99 / 1e3 AS p99_duration_sec,
  p95 / 1e3 AS p95_duration_sec,
  p50 / 1e3 AS p50_duration_sec,
  repaired::DOUBLE AS repair_runs,
  timed_out::DOUBLE AS timeout_runs,
  cancelled::DOUBLE AS cancelled_runs,
  floor(success * 1e6 + 0.5e0) / 1e6 AS success_rate,
  floor(failed / runs::DOUBLE * 1e6 + 0.5e0) / 1e6 AS failure_rate,
  floor(deviation / mean_time::DOUBLE * 1e6 + 0.5e0) / 1e6 AS duration_cv,
  floor(failed30::DOUBLE / runs30::DOUBLE * 1e6 + 0.5e0) / 1e6 AS rolling_failure_rate_30d,
  floor(time30::DOUBLE / n30 / 1e3 * 1e6 + 0.5e0) / 1e6 AS rolling_avg_duration_30d,
  failed30::DOUBLE AS total_failures_30d,
  floor(p99_7::DOUBLE / n7 / 1e3 * 1e6 + 0.5e0) / 1e6 AS rolling_p99_duration_7d,
  floor(p99_30::DOUBLE / n30 / 1e3 * 1e6 + 0.5e0) / 1e6 AS rolling_p99_duration_30d,
  floor(repaired30::DOUBLE / runs30::DOUBLE * 1e6 + 0.5e0) / 1e6 AS rolling_repair_rate_30d,
  floor(success_before * 1e6 + 0.5e0) / 1e6 AS prev_day_success_rate,
  coalesce(failed_before > 0, false)::INTEGER::DOUBLE AS prev_day_failed,
  floor((success - success_before) * 1e6 + 0.5e0) / 1e6 AS success_rate_trend,
  coalesce(lag7, 0) / 1e3 AS p99_duration_lag7,
  change AS duration_regression_pct,
  (change > 20e0)::INTEGER::DOUBLE AS is_duration_regressing,
  (longest - shortest) / 1e3 AS duration_range_sec,
  (dow IN (1, 7))::INTEGER::DOUBLE AS is_weekend,
  dow::DOUBLE AS day_of_week,
  TIMESTAMPTZ '2026-01-31 02:00:00+00' AS feature_timestamp
FROM changed
