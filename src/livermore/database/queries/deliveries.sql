-- The outbox of alerts: what is to be told to whom, and what became of it.

-- name: enqueue_delivery
-- Said again, it is there already. But an alert that was taken back and is raised again, or the other way round, is news
-- again to those who have last heard the opposite; what is just being told to them counts as heard.
INSERT INTO livermore.alert_deliveries AS d
    (alert_id, status_told, user_id, channel, status, reason, is_silent, due_at, created_at, finished_at)
VALUES
    (%(alert_id)s, %(status_told)s, %(user_id)s, %(channel)s, %(status)s, %(reason)s, %(is_silent)s, %(due_at)s,
     %(created_at)s, %(finished_at)s)
ON CONFLICT (alert_id, status_told, user_id, channel) DO UPDATE
SET status = EXCLUDED.status, reason = EXCLUDED.reason, is_silent = EXCLUDED.is_silent, due_at = EXCLUDED.due_at,
    created_at = EXCLUDED.created_at, finished_at = EXCLUDED.finished_at, attempts = 0, message_id = NULL
WHERE d.status <> 'pending' AND EXCLUDED.status_told IN ('fired', 'retracted')
  AND EXCLUDED.status_told IS DISTINCT FROM (
    SELECT heard.status_told
    FROM livermore.alert_deliveries AS heard
    WHERE heard.alert_id = EXCLUDED.alert_id AND heard.user_id = EXCLUDED.user_id AND heard.channel = EXCLUDED.channel
      AND heard.status_told IN ('fired', 'retracted')
      AND (heard.status = 'delivered' OR (heard.status = 'pending' AND heard.claimed_by IS NOT NULL))
    ORDER BY heard.finished_at DESC NULLS FIRST, heard.id DESC
    LIMIT 1
  );

-- name: due_channels
-- Which channels have something to tell that nobody is about to tell.
SELECT user_id, channel, count(*) AS waiting, min(due_at) AS oldest_due_at
FROM livermore.alert_deliveries
WHERE status = 'pending' AND due_at <= %(now)s AND (claimed_until IS NULL OR claimed_until <= %(now)s)
GROUP BY user_id, channel
ORDER BY oldest_due_at, user_id, channel
LIMIT %(limit)s;

-- name: next_due
-- When the next delivery may be claimed.
SELECT min(greatest(due_at, coalesce(claimed_until, 0))) AS due_at
FROM livermore.alert_deliveries
WHERE status = 'pending';

-- name: claim_deliveries
-- The oldest of one channel, for one worker; those that another one is just claiming are passed over. What was tried before
-- is not taken along ahead of its time: the channel has asked to be left alone until then.
WITH due AS (
    SELECT id
    FROM livermore.alert_deliveries
    WHERE status = 'pending' AND user_id = %(user_id)s AND channel = %(channel)s
      AND (due_at <= %(now)s OR (attempts = 0 AND due_at <= %(due_by)s))
      AND (claimed_until IS NULL OR claimed_until <= %(now)s)
    ORDER BY due_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE livermore.alert_deliveries AS d
    SET claimed_by = %(by)s, claimed_until = %(until)s, attempts = d.attempts + 1
    FROM due
    WHERE d.id = due.id
    RETURNING d.*
)
SELECT id, alert_id::text AS alert_id, status_told, user_id, channel, status, reason, is_silent, attempts, due_at, claimed_by,
       claimed_until, message_id::text AS message_id, created_at, finished_at
FROM claimed
ORDER BY due_at, id;

-- name: renew_deliveries
-- Those of them that the worker still has are its own for longer.
UPDATE livermore.alert_deliveries
SET claimed_until = %(until)s
WHERE id = ANY(%(ids)s) AND status = 'pending' AND claimed_by = %(by)s
RETURNING id;

-- name: count_waiting
-- How many are to be told, claimed or not.
SELECT count(*) AS count FROM livermore.alert_deliveries WHERE status = 'pending';

-- name: finish_deliveries
-- Only by the worker that has them still.
UPDATE livermore.alert_deliveries
SET status = %(status)s, reason = %(reason)s, message_id = %(message_id)s, finished_at = %(at)s, claimed_by = NULL,
    claimed_until = NULL
WHERE id = ANY(%(ids)s) AND status = 'pending' AND claimed_by = %(by)s;

-- name: put_back_deliveries
UPDATE livermore.alert_deliveries
SET due_at = %(due_at)s, reason = %(reason)s, claimed_by = NULL, claimed_until = NULL
WHERE id = ANY(%(ids)s) AND status = 'pending' AND claimed_by = %(by)s;

-- name: deliveries_of_alert
SELECT id, alert_id::text AS alert_id, status_told, user_id, channel, status, reason, is_silent, attempts, due_at, claimed_by,
       claimed_until, message_id::text AS message_id, created_at, finished_at
FROM livermore.alert_deliveries
WHERE alert_id = %(alert_id)s
ORDER BY id;

-- name: list_deliveries
SELECT id, alert_id::text AS alert_id, status_told, user_id, channel, status, reason, is_silent, attempts, due_at, claimed_by,
       claimed_until, message_id::text AS message_id, created_at, finished_at
FROM livermore.alert_deliveries
WHERE (%(user_id)s::bigint IS NULL OR user_id = %(user_id)s::bigint)
  AND (%(status)s::text IS NULL OR status = %(status)s::text)
  AND id < %(before)s
ORDER BY id DESC
LIMIT %(limit)s;

-- name: count_deliveries
SELECT status, count(*) AS count FROM livermore.alert_deliveries WHERE created_at >= %(since)s GROUP BY status ORDER BY status;
