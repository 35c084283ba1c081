-- The outbox of alerts: what is to be told to whom, and what became of it.

-- name: enqueue_delivery
-- Said again, it is there already. But an alert that was taken back and is raised again, or the other way round, is news
-- again to those who have last heard the opposite; what is just being told to them counts as heard. Each such turn has a
-- row of its own, so that what became of the earlier ones stays to be seen.
WITH newest AS (
    SELECT turn, status
    FROM livermore.alert_deliveries
    WHERE alert_id = %(alert_id)s::uuid AND status_told = %(status_told)s::text AND user_id = %(user_id)s::bigint
      AND channel = %(channel)s::text
    ORDER BY turn DESC
    LIMIT 1
    FOR UPDATE
), heard AS (
    SELECT status_told
    FROM livermore.alert_deliveries
    WHERE alert_id = %(alert_id)s::uuid AND user_id = %(user_id)s::bigint AND channel = %(channel)s::text
      AND status_told IN ('fired', 'retracted')
      AND (status = 'delivered' OR (status = 'pending' AND claimed_by IS NOT NULL))
    ORDER BY finished_at DESC NULLS FIRST, id DESC
    LIMIT 1
)
INSERT INTO livermore.alert_deliveries
    (alert_id, status_told, user_id, channel, turn, status, reason, is_silent, due_at, created_at, finished_at)
SELECT %(alert_id)s::uuid, %(status_told)s::text, %(user_id)s::bigint, %(channel)s::text,
       coalesce((SELECT turn + 1 FROM newest), 0), %(status)s::text, %(reason)s::text, %(is_silent)s::boolean,
       %(due_at)s::bigint, %(created_at)s::bigint, %(finished_at)s::bigint
WHERE NOT EXISTS (SELECT FROM newest)
   OR (%(status_told)s::text IN ('fired', 'retracted')
       AND (SELECT status FROM newest) <> 'pending'
       AND %(status_told)s::text IS DISTINCT FROM (SELECT status_told FROM heard))
ON CONFLICT (alert_id, status_told, user_id, channel, turn) DO NOTHING;

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
