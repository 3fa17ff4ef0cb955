-- Cost anomalies with failing jobs: jobs that ran on an unusual day and are predicted to fail
SELECT p.workspace_id, p.usage_date, p.anomaly_score, j.name AS job_name, f.probability AS failure_probability, u.job_cost
FROM main.ml.cost_anomaly_predictions AS p
JOIN (
  SELECT workspace_id, usage_date, job_id, sum(list_cost) AS job_cost
  FROM main.gold.fact_usage
  WHERE job_id IS NOT NULL
  GROUP BY workspace_id, usage_date, job_id
) AS u ON u.workspace_id = p.workspace_id AND u.usage_date = p.usage_date
JOIN main.gold.dim_job AS j ON j.workspace_id = u.workspace_id AND j.job_id = u.job_id
JOIN main.ml.job_failure_predictions AS f ON f.job_id = u.job_id AND f.run_date = u.usage_date
WHERE p.is_anomaly = 1 AND f.predicted_class = 1
ORDER BY p.anomaly_score, u.job_cost DESC, u.job_id
LIMIT 10
