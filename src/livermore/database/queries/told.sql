-- What people were told already, and the alerts they are to be told of.

-- name: told_before
SELECT alert_id::text AS alert_id, status_told, status
FROM livermore.alert_deliveries
WHERE alert_id = ANY(%(alert_ids)s::uuid[]) AND user_id = %(user_id)s AND channel = %(channel)s
ORDER BY id;

-- name: alerts_by_ids
SELECT id::text AS id, exchange_id, symbol, timeframe, open_time, close_time, label, direction, value, previous_value, signal,
       histogram, price, stage, bias, timeframes, quality, times, rule_version, status, is_simulated, epoch, stream_ms,
       stream_seq, revision, ledgered_at
FROM livermore.alerts
WHERE id = ANY(%(alert_ids)s::uuid[])
ORDER BY close_time, id;

-- name: count_entered
-- How many alerts came into the ledger since then; asked for once a day.
SELECT count(*) AS count FROM livermore.alerts WHERE ledgered_at >= %(since)s;

-- name: lost_since_heard
-- What was given up on a channel since somebody last heard anything there.
SELECT count(*) AS count, min(created_at) AS first_at, max(created_at) AS last_at
FROM livermore.alert_deliveries
WHERE user_id = %(user_id)s AND channel = %(channel)s AND status = 'failed' AND status_told = 'fired'
  AND created_at >= %(since)s
  AND finished_at > coalesce((
    SELECT max(finished_at)
    FROM livermore.alert_deliveries
    WHERE user_id = %(user_id)s AND channel = %(channel)s AND status = 'delivered' AND created_at >= %(since)s
  ), 0);

-- name: retry_delivery
-- One that was given up, once more, as if it were new; nobody else's. One that a later turn of the same news has overtaken
-- stays as it is.
UPDATE livermore.alert_deliveries AS d
SET status = 'pending', reason = NULL, attempts = 0, finished_at = NULL, message_id = NULL, due_at = %(due_at)s,
    created_at = %(due_at)s
WHERE id = %(id)s AND status = 'failed' AND (%(user_id)s::bigint IS NULL OR user_id = %(user_id)s::bigint)
  AND NOT EXISTS (
    SELECT FROM livermore.alert_deliveries AS later
    WHERE later.alert_id = d.alert_id AND later.status_told = d.status_told AND later.user_id = d.user_id
      AND later.channel = d.channel AND later.turn > d.turn
  );
