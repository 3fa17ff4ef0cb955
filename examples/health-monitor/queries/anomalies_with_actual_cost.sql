-- Cost anomalies and what those days cost: the most expensive unusual days
SELECT p.workspace_id, p.usage_date, p.anomaly_score, u.actual_cost
FROM main.ml.cost_anomaly_predictions AS p
JOIN (
  SELECT workspace_id, usage_date, sum(list_cost) AS actual_cost
  FROM main.gold.fact_usage
  GROUP BY workspace_id, usage_date
) AS u ON u.workspace_id = p.workspace_id AND u.usage_date = p.usage_date
WHERE p.is_anomaly = 1
ORDER BY u.actual_cost DESC, p.workspace_id, p.usage_date
LIMIT 10
