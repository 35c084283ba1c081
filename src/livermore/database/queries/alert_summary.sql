-- How many alerts there are of what.

-- name: count_alerts
-- Of the closes in a stretch of time, as the alerts stand now; the kind is the first word of the label.
SELECT exchange_id, timeframe, split_part(label, '_', 1) AS kind, direction, status, count(*) AS alerts
FROM livermore.alerts
WHERE close_time >= %(since)s::bigint AND close_time < %(until)s::bigint
GROUP BY exchange_id, timeframe, split_part(label, '_', 1), direction, status
ORDER BY exchange_id, timeframe, kind, direction, status;
