-- main.ml.security_features: 4,568 users x 137 days, the first day short, = 625,782 rows.
-- Every number follows from the row's own number by integer arithmetic, so the rows are the same on every machine.
WITH grid AS (
  SELECT i % 4568 AS k, 136 - i // 4568 AS d, (i * 1103515245 + 54321) % 2147483647 AS s0 FROM range(625782) AS r(i)
), mixed_once AS (
  SELECT k, d, (xor(s0, s0 >> 15) * 1597334677) % 2147483647 AS s1 FROM grid
), mixed AS (
  SELECT k, d, (xor(s1, s1 >> 13) * 1812433253) % 2147483647 AS h FROM mixed_once
), users AS (
  SELECT k,
    ((k + 1) * 1583458089 % 2147483647) / 2147483647e0 AS v_type,
    ((k + 1) * 784588716 % 2147483647) / 2147483647e0 AS v_volume,
    ((k + 1) * 950706376 % 2147483647) / 2147483647e0 AS v_breadth,
    ((k + 1) * 742938285 % 2147483647) / 2147483647e0 AS v_night
  FROM range(4568) AS r(k)
), typed AS (
  SELECT *, CASE WHEN v_type < 0.85e0 THEN 'HUMAN_USER' WHEN v_type < 0.97e0 THEN 'SERVICE_PRINCIPAL' ELSE 'SYSTEM' END AS user_type FROM users
), drawn AS (
  SELECT k, d, user_type, v_volume, v_breadth, v_night,
    dayofweek(DATE '2025-09-16' + d::INTEGER) + 1 AS dow,
    (h * 62089911 % 2147483647) / 2147483647e0 AS u_volume,
    (h * 630360016 % 2147483647) / 2147483647e0 AS u_burst,
    (h * 397204094 % 2147483647) / 2147483647e0 AS u_force,
    (h * 1132489760 % 2147483647) / 2147483647e0 AS u_tables,
    (h * 2007237709 % 2147483647) / 2147483647e0 AS u_night,
    (h * 1615070911 % 2147483647) / 2147483647e0 AS u_address,
    (h * 1078318381 % 2147483647) / 2147483647e0 AS u_failure,
    (h * 1203248318 % 2147483647) / 2147483647e0 AS u_action,
    (h * 397701121 % 2147483647) / 2147483647e0 AS u_service
  FROM mixed JOIN typed USING (k)
), counted AS (
  SELECT *, u_burst < 0.004e0 AS is_burst, u_burst > 0.9985e0 AS is_attack,
    greatest(1, floor(CASE user_type
        WHEN 'HUMAN_USER' THEN (12e0 + 180e0 * v_volume * v_volume) * CASE WHEN dow IN (1, 7) THEN 0.12e0 ELSE 1e0 END * (0.3e0 + 1.4e0 * u_volume)
        WHEN 'SERVICE_PRINCIPAL' THEN (150e0 + 1800e0 * v_volume * v_volume * v_volume) * (0.85e0 + 0.3e0 * u_volume)
        ELSE (40e0 + 300e0 * v_volume) * (0.95e0 + 0.1e0 * u_volume) END
      * CASE WHEN u_burst < 0.004e0 THEN 4e0 + 12e0 * u_force ELSE 1e0 END))::BIGINT AS events
  FROM drawn
), detailed AS (
  SELECT *,
    floor(sqrt(events::DOUBLE) * (0.3e0 + 1.5e0 * v_breadth) * (0.6e0 + 0.8e0 * u_tables) * CASE WHEN is_burst THEN 2.5e0 ELSE 1e0 END)::BIGINT AS tables,
    floor(events * CASE WHEN is_burst THEN 0.25e0 + 0.6e0 * u_night
      WHEN user_type = 'HUMAN_USER' THEN CASE WHEN v_night > 0.94e0 THEN 0.35e0 ELSE 0.04e0 END * u_night
      ELSE 0.24e0 + 0.1e0 * u_night END)::BIGINT AS off_hours,
    1 + floor(CASE user_type WHEN 'HUMAN_USER' THEN 2.6e0 ELSE 1.2e0 END * u_address * u_address
      + CASE WHEN is_burst OR is_attack THEN 9e0 * u_force ELSE 0e0 END)::BIGINT AS addresses,
    floor(CASE WHEN is_attack THEN events * (0.25e0 + 0.5e0 * u_failure) WHEN u_failure > 0.8e0 THEN events * 0.05e0 * (u_failure - 0.8e0) + 1e0 ELSE 0e0 END)::BIGINT AS failures,
    least(events, 2 + floor(6e0 * v_breadth + 4e0 * u_action + CASE WHEN is_burst THEN 6e0 ELSE 0e0 END))::BIGINT AS actions,
    1 + floor(2.4e0 * v_breadth + 2.2e0 * u_service + CASE WHEN is_burst THEN 4e0 * u_force ELSE 0e0 END)::BIGINT AS services
  FROM counted
), windowed AS (
  -- sums of integers: exact, whatever the order of the additions
  SELECT *, count(*) OVER last7 AS n7, sum(events) OVER last7 AS sum7, sum(events * events) OVER last7 AS squares7, sum(tables) OVER last7 AS tables7
  FROM detailed
  WINDOW last7 AS (PARTITION BY k ORDER BY d ROWS BETWEEN 6 PRECEDING AND CURRENT ROW)
), spread AS (
  SELECT *, sum7::DOUBLE / n7 AS avg7,
    CASE WHEN n7 > 1 THEN sqrt((n7 * squares7 - sum7 * sum7)::DOUBLE / (n7 * (n7 - 1))) ELSE 0e0 END AS std7
  FROM windowed
), scored AS (
  SELECT *, CASE WHEN std7 > 0e0 THEN floor((events - avg7) / std7 * 1e6 + 0.5e0) / 1e6 ELSE 0e0 END AS z FROM spread
)
SELECT
  CASE user_type
    WHEN 'HUMAN_USER' THEN CASE WHEN k % 97 = 5 THEN 'o''neil+' || lpad(k::VARCHAR, 4, '0') ELSE 'user' || lpad(k::VARCHAR, 4, '0') END
    WHEN 'SERVICE_PRINCIPAL' THEN 'svc-etl-' || lpad(k::VARCHAR, 4, '0')
    ELSE 'system-' || lpad(k::VARCHAR, 4, '0')
  END || '@example.com' AS user_id,
  DATE '2025-09-16' + d::INTEGER AS event_date,
  events::DOUBLE AS event_count,
  tables::DOUBLE AS tables_accessed,
  off_hours::DOUBLE AS off_hours_events,
  addresses::DOUBLE AS unique_source_ips,
  failures::DOUBLE AS failed_auth_count,
  actions::DOUBLE AS unique_action_types,
  services::DOUBLE AS unique_services_accessed,
  0e0 AS sensitive_data_access,
  floor(avg7 * 1e6 + 0.5e0) / 1e6 AS avg_event_count_7d,
  floor(std7 * 1e6 + 0.5e0) / 1e6 AS std_event_count_7d,
  floor(tables7::DOUBLE / n7 * 1e6 + 0.5e0) / 1e6 AS avg_tables_accessed_7d,
  z AS event_count_z_score,
  floor(off_hours / events::DOUBLE * 1e6 + 0.5e0) / 1e6 AS off_hours_rate,
  0e0 AS sensitive_access_rate,
  (user_type = 'HUMAN_USER')::INTEGER::DOUBLE AS is_human_user,
  (user_type = 'SERVICE_PRINCIPAL')::INTEGER::DOUBLE AS is_service_principal,
  (user_type = 'SYSTEM')::INTEGER::DOUBLE AS is_system_user,
  (z > 2e0 AND events > 100)::INTEGER::DOUBLE AS is_activity_burst,
  (services > 5)::INTEGER::DOUBLE AS lateral_movement_risk,
  floor(failures / events::DOUBLE * 1e6 + 0.5e0) / 1e6 AS failed_auth_ratio,
  (dow IN (1, 7))::INTEGER::DOUBLE AS is_weekend,
  dow::DOUBLE AS day_of_week,
  user_type,
  TIMESTAMPTZ '2026-01-31 02:00:00+00' AS feature_timestamp
FROM scored
