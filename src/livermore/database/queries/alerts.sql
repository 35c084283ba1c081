-- The ledger of alerts.

-- name: insert_alert
INSERT INTO livermore.alerts
    (id, exchange_id, symbol, timeframe, open_time, close_time, label, direction, value, previous_value, signal,
     histogram, price, stage, bias, timeframes, quality, times, rule_version, status, is_simulated, epoch, stream_ms,
     stream_seq, ledgered_at)
VALUES
    (%(id)s, %(exchange_id)s, %(symbol)s, %(timeframe)s, %(open_time)s, %(close_time)s, %(label)s, %(direction)s,
     %(value)s, %(previous_value)s, %(signal)s, %(histogram)s, %(price)s, %(stage)s, %(bias)s, %(timeframes)s,
     %(quality)s, %(times)s, %(rule_version)s, %(status)s, %(is_simulated)s, %(epoch)s, %(stream_ms)s, %(stream_seq)s,
     %(ledgered_at)s)
ON CONFLICT (id) DO NOTHING
RETURNING id::text AS id;

-- name: insert_revision
INSERT INTO livermore.alert_revisions
    (alert_id, epoch, stream_ms, stream_seq, status, value, previous_value, signal, histogram, price, stage, bias,
     timeframes, quality, times, ledgered_at)
VALUES
    (%(id)s, %(epoch)s, %(stream_ms)s, %(stream_seq)s, %(status)s, %(value)s, %(previous_value)s, %(signal)s,
     %(histogram)s, %(price)s, %(stage)s, %(bias)s, %(timeframes)s, %(quality)s, %(times)s, %(ledgered_at)s)
ON CONFLICT (alert_id, epoch, stream_ms, stream_seq) DO NOTHING;

-- name: lock_alert
SELECT id::text AS id, exchange_id, symbol, timeframe, open_time, close_time, label, direction, value, previous_value, signal,
       histogram, price, stage, bias, timeframes, quality, times, rule_version, status, is_simulated, epoch, stream_ms,
       stream_seq, revision, ledgered_at
FROM livermore.alerts
WHERE id = %(id)s
FOR UPDATE;

-- name: amend_alert
-- What was said last counts, in the order of the stream; the number of revisions counts all.
UPDATE livermore.alerts
SET status = %(status)s, value = %(value)s, previous_value = %(previous_value)s, signal = %(signal)s,
    histogram = %(histogram)s, price = %(price)s, stage = %(stage)s, bias = %(bias)s, timeframes = %(timeframes)s,
    quality = %(quality)s, times = %(times)s, epoch = %(epoch)s, stream_ms = %(stream_ms)s,
    stream_seq = %(stream_seq)s, ledgered_at = %(ledgered_at)s, revision = revision + 1
WHERE id = %(id)s;

-- name: count_revision
UPDATE livermore.alerts SET revision = revision + 1 WHERE id = %(id)s;

-- name: alert_by_id
SELECT id::text AS id, exchange_id, symbol, timeframe, open_time, close_time, label, direction, value, previous_value, signal,
       histogram, price, stage, bias, timeframes, quality, times, rule_version, status, is_simulated, epoch, stream_ms,
       stream_seq, revision, ledgered_at
FROM livermore.alerts
WHERE id = %(id)s;

-- name: list_alerts
-- Newest close first; the cursor is the close and the id of the last one seen.
SELECT id::text AS id, exchange_id, symbol, timeframe, open_time, close_time, label, direction, value, previous_value, signal,
       histogram, price, stage, bias, timeframes, quality, times, rule_version, status, is_simulated, epoch, stream_ms,
       stream_seq, revision, ledgered_at
FROM livermore.alerts
WHERE (%(exchange_id)s::integer IS NULL OR exchange_id = %(exchange_id)s::integer)
  AND (%(symbol)s::text IS NULL OR symbol = %(symbol)s::text)
  AND (%(timeframe)s::text IS NULL OR timeframe = %(timeframe)s::text)
  AND (%(label)s::text IS NULL OR label = %(label)s::text)
  AND (%(direction)s::text IS NULL OR direction = %(direction)s::text)
  AND (%(status)s::text IS NULL OR status = %(status)s::text)
  AND close_time >= %(since)s::bigint AND close_time < %(until)s::bigint
  AND (close_time, alerts.id) < (%(before_close)s::bigint, %(before_id)s::uuid)
ORDER BY close_time DESC, alerts.id DESC
LIMIT %(limit)s;

-- name: revisions_of_alert
SELECT a.id::text AS id, a.exchange_id, a.symbol, a.timeframe, a.open_time, a.close_time, a.label, a.direction,
       r.value, r.previous_value, r.signal, r.histogram, r.price, r.stage, r.bias, r.timeframes, r.quality, r.times,
       a.rule_version, r.status, a.is_simulated, r.epoch, r.stream_ms, r.stream_seq,
       (row_number() OVER (ORDER BY r.epoch, r.stream_ms, r.stream_seq))::integer - 1 AS revision, r.ledgered_at
FROM livermore.alert_revisions AS r
JOIN livermore.alerts AS a ON a.id = r.alert_id
WHERE r.alert_id = %(id)s
ORDER BY r.epoch, r.stream_ms, r.stream_seq;

-- name: newest_place
-- Up to where the stream of an exchange is in the ledger.
SELECT epoch, stream_ms, stream_seq
FROM livermore.alert_revisions
WHERE alert_id IN (SELECT id FROM livermore.alerts WHERE exchange_id = %(exchange_id)s
                   ORDER BY close_time DESC, id DESC LIMIT 1000)
ORDER BY epoch DESC, stream_ms DESC, stream_seq DESC
LIMIT 1;

-- name: reject_entry
INSERT INTO livermore.alert_rejects (exchange_id, stream_ms, stream_seq, reason, raw, rejected_at)
VALUES (%(exchange_id)s, %(stream_ms)s, %(stream_seq)s, %(reason)s, %(raw)s, %(rejected_at)s)
ON CONFLICT (exchange_id, stream_ms, stream_seq) DO NOTHING;

-- name: list_rejects
SELECT exchange_id, stream_ms, stream_seq, reason, raw, rejected_at
FROM livermore.alert_rejects
ORDER BY rejected_at DESC, exchange_id, stream_ms DESC, stream_seq DESC
LIMIT %(limit)s;
