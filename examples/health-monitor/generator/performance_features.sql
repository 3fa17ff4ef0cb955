-- main.ml.performance_features: 76 SQL warehouses x 137 days, the first days short, = 10,308 rows.
-- Every number follows from the row's own number by integer arithmetic, so the rows are the same on every machine.
WITH grid AS (
  SELECT i % 76 AS k, 136 - i // 76 AS d, (i * 1103515245 + 98765) % 2147483647 AS s0 FROM range(10308) AS r(i)
), mixed_once AS (
  SELECT k, d, (xor(s0, s0 >> 15) * 1597334677) % 2147483647 AS s1 FROM grid
), mixed AS (
  SELECT k, d, (xor(s1, s1 >> 13) * 1812433253) % 2147483647 AS h FROM mixed_once
), drawn AS (
  SELECT k, d, dayofweek(DATE '2025-09-16' + d::INTEGER) + 1 AS dow,
    ((k + 1) * 1583458089 % 2147483647) / 2147483647e0 AS v_volume,
    ((k + 1) * 784588716 % 2147483647) / 2147483647e0 AS v_weight,
    ((k + 1) * 950706376 % 2147483647) / 2147483647e0 AS v_size,
    ((k + 1) * 742938285 % 2147483647) / 2147483647e0 AS v_drift,
    (h * 62089911 % 2147483647) / 2147483647e0 AS u_volume,
    (h * 630360016 % 2147483647) / 2147483647e0 AS u_event,
    (h * 397204094 % 2147483647) / 2147483647e0 AS u_force,
    (h * 1132489760 % 2147483647) / 2147483647e0 AS u_time,
    (h * 2007237709 % 2147483647) / 2147483647e0 AS u_tail,
    (h * 1615070911 % 2147483647) / 2147483647e0 AS u_bytes,
    (h * 1078318381 % 2147483647) / 2147483647e0 AS u_error,
    (h * 1203248318 % 2147483647) / 2147483647e0 AS u_queue,
    (h * 397701121 % 2147483647) / 2147483647e0 AS u_write
  FROM mixed
), loaded AS (
  -- one day in forty a warehouse is overloaded
  SELECT *, CASE WHEN u_event < 0.025e0 THEN 1.8e0 + 3.2e0 * u_force ELSE 1e0 END AS strain,
    greatest(3, floor((40e0 + 4200e0 * v_volume * v_volume * v_volume) * CASE WHEN dow IN (1, 7) THEN 0.25e0 ELSE 1e0 END * (0.7e0 + 0.6e0 * u_volume)))::BIGINT AS queries
  FROM drawn
), timed AS (
  SELECT *,
    floor((180e0 + 5200e0 * v_weight * v_weight) * (1.5e0 - v_size) * (1e0 + 0.006e0 * v_drift * v_drift * d) * strain * (0.8e0 + 0.4e0 * u_time))::BIGINT AS p50,
    floor((2e7 + 2.4e9 * v_weight * v_weight) * (0.5e0 + u_bytes) * sqrt(strain))::BIGINT AS bytes_each
  FROM loaded
), tailed AS (
  SELECT *,
    floor(p50 * (2.2e0 + 4e0 * u_tail))::BIGINT AS p95,
    floor(p50 * (2.2e0 + 4e0 * u_tail) * (1.4e0 + 1.8e0 * u_force))::BIGINT AS p99,
    floor(p50 * (1.15e0 + 0.9e0 * u_tail))::BIGINT AS mean_time
  FROM timed
), counted AS (
  SELECT *,
    floor(queries * least(0.95e0, 0.22e0 * u_error * u_error * u_error * strain))::BIGINT AS errors,
    floor(queries * least(0.95e0, bytes_each / 3.2e9 * (1.4e0 - v_size) * (0.6e0 + 0.8e0 * u_time)))::BIGINT AS spills,
    floor(queries * least(0.9e0, greatest(0e0, (p99 - 12000) / 1.6e5)))::BIGINT AS breaches,
    floor(queries * least(0.9e0, 0.3e0 * u_queue * u_queue * strain * v_volume))::BIGINT AS queued,
    floor(queries * least(0.9e0, bytes_each / 2.4e10))::BIGINT AS large,
    floor(queries * mean_time * 0.2e0 * u_queue * u_queue * v_volume * strain)::BIGINT AS queue_time,
    least(1440, 1 + floor(queries * (0.25e0 + 0.4e0 * u_volume)))::BIGINT AS minutes,
    1 + floor(queries * bytes_each * (0.01e0 + 0.3e0 * u_write * u_write))::BIGINT AS written
  FROM tailed
), windowed AS (
  -- sums of integers: exact, whatever the order of the additions
  SELECT *, count(*) OVER last7 AS n7, sum(queries) OVER last7 AS queries7, sum(mean_time) OVER last7 AS time7, sum(p99) OVER last7 AS p99_7,
    lag(p99, 7) OVER (PARTITION BY k ORDER BY d) AS lag7
  FROM counted
  WINDOW last7 AS (PARTITION BY k ORDER BY d ROWS BETWEEN 6 PRECEDING AND CURRENT ROW)
), changed AS (
  SELECT *, coalesce(floor((p99 - lag7) / lag7::DOUBLE * 1e2 * 1e6 + 0.5e0) / 1e6, 0e0) AS change FROM windowed
)
SELECT
  'wh' || lpad((k * 7919 % 100000)::VARCHAR, 6, '0') AS warehouse_id,
  DATE '2025-09-16' + d::INTEGER AS query_date,
  queries::DOUBLE AS query_count,
  (queries * mean_time)::DOUBLE AS total_duration_ms,
  p50::DOUBLE AS p50_duration_ms,
  p95::DOUBLE AS p95_duration_ms,
  p99::DOUBLE AS p99_duration_ms,
  (queries * bytes_each)::DOUBLE AS total_bytes_read,
  written::DOUBLE AS total_bytes_written,
  errors::DOUBLE AS error_count,
  spills::DOUBLE AS spill_count,
  breaches::DOUBLE AS sla_breach_count,
  greatest(0, queries - spills - queued)::DOUBLE AS efficient_query_count,
  queued::DOUBLE AS high_queue_count,
  large::DOUBLE AS large_query_count,
  queue_time::DOUBLE AS total_queue_time_ms,
  minutes::DOUBLE AS active_minutes,
  mean_time::DOUBLE AS avg_duration_ms,
  floor(queries7::DOUBLE / n7 * 1e6 + 0.5e0) / 1e6 AS avg_query_count_7d,
  floor(time7::DOUBLE / n7 * 1e6 + 0.5e0) / 1e6 AS avg_duration_7d,
  floor(p99_7::DOUBLE / n7 * 1e6 + 0.5e0) / 1e6 AS avg_p99_duration_7d,
  floor(errors / queries::DOUBLE * 1e6 + 0.5e0) / 1e6 AS error_rate,
  floor(spills / queries::DOUBLE * 1e6 + 0.5e0) / 1e6 AS spill_rate,
  bytes_each::DOUBLE AS avg_bytes_per_query,
  floor((queries * bytes_each) / written::DOUBLE * 1e6 + 0.5e0) / 1e6 AS read_write_ratio,
  floor(breaches / queries::DOUBLE * 1e6 + 0.5e0) / 1e6 AS sla_breach_rate,
  floor(greatest(0, queries - spills - queued) / queries::DOUBLE * 1e6 + 0.5e0) / 1e6 AS query_efficiency_rate,
  floor(queued / queries::DOUBLE * 1e6 + 0.5e0) / 1e6 AS high_queue_rate,
  floor(large / queries::DOUBLE * 1e6 + 0.5e0) / 1e6 AS large_query_rate,
  floor(queue_time / queries::DOUBLE * 1e6 + 0.5e0) / 1e6 AS avg_queue_time_ms,
  floor(queries / minutes::DOUBLE * 1e6 + 0.5e0) / 1e6 AS queries_per_minute,
  coalesce(lag7, 0)::DOUBLE AS p99_duration_lag7,
  change AS duration_regression_pct,
  (change > 20e0)::INTEGER::DOUBLE AS is_duration_regressing,
  (dow IN (1, 7))::INTEGER::DOUBLE AS is_weekend,
  dow::DOUBLE AS day_of_week,
  TIMESTAMPTZ '2026-01-31 02:00:00+00' AS feature_timestamp
FROM changed
