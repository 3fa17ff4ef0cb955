-- Today's worst cost anomalies: the most unusual workspaces of the latest day (lower score = more unusual)
SELECT workspace_id, usage_date, anomaly_score, model_version
FROM main.ml.cost_anomaly_predictions
WHERE is_anomaly = 1
  AND usage_date = (SELECT max(usage_date) FROM main.ml.cost_anomaly_predictions)
ORDER BY anomaly_score, workspace_id
LIMIT 10
