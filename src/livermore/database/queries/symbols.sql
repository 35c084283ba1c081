-- Which symbols are watched on an exchange: by everybody (tier 1) and by single users (tier 2).

-- name: monitored_symbols
SELECT symbol, 1 AS tier, rank, volume_24h AS volume, NULL::text AS "user", is_active
FROM livermore.exchange_symbols
WHERE exchange_id = %(exchange_id)s
UNION ALL
SELECT wanted.symbol, 2, NULL, NULL, wanted.user_id::text, true
FROM (
    SELECT symbol, user_id FROM livermore.watchlist_symbols WHERE exchange_id = %(exchange_id)s
    UNION
    SELECT p.symbol, u.user_id
    FROM livermore.positions AS p
    JOIN livermore.user_exchanges AS u ON u.id = p.user_exchange_id
    WHERE u.exchange_id = %(exchange_id)s AND u.is_active AND p.symbol IS NOT NULL AND p.quantity > 0
) AS wanted
JOIN livermore.users AS owner ON owner.id = wanted.user_id AND owner.is_active
ORDER BY tier, rank NULLS LAST, symbol, "user";

-- name: save_symbol
INSERT INTO livermore.exchange_symbols AS kept
    (exchange_id, symbol, base, quote, rank, volume_24h, is_active, changed_by, created_at, updated_at)
VALUES
    (%(exchange_id)s, %(symbol)s, split_part(%(symbol)s, '-', 1), split_part(%(symbol)s, '-', 2), %(rank)s, %(volume)s,
     %(is_active)s, %(by)s, %(at)s, %(at)s)
ON CONFLICT (exchange_id, symbol) DO UPDATE
SET rank = coalesce(excluded.rank, kept.rank),
    volume_24h = coalesce(excluded.volume_24h, kept.volume_24h),
    is_active = excluded.is_active,
    changed_by = excluded.changed_by,
    updated_at = excluded.updated_at;

-- name: deactivate_symbols
-- They stay, as those that were given up: a later choice by volume does not bring them back.
UPDATE livermore.exchange_symbols
SET is_active = false, changed_by = %(by)s, updated_at = %(at)s
WHERE exchange_id = %(exchange_id)s AND symbol = ANY(%(symbols)s) AND is_active;

-- name: watchlist
SELECT exchange_id, symbol, created_at
FROM livermore.watchlist_symbols
WHERE user_id = %(user_id)s
ORDER BY exchange_id, symbol;

-- name: add_to_watchlist
INSERT INTO livermore.watchlist_symbols (user_id, exchange_id, symbol, created_at)
VALUES (%(user_id)s, %(exchange_id)s, %(symbol)s, %(at)s)
ON CONFLICT DO NOTHING;

-- name: watchlist_size
SELECT count(*) AS count FROM livermore.watchlist_symbols WHERE user_id = %(user_id)s;

-- name: lock_user
SELECT id FROM livermore.users WHERE id = %(user_id)s FOR UPDATE;

-- name: remove_from_watchlist
DELETE FROM livermore.watchlist_symbols
WHERE user_id = %(user_id)s AND exchange_id = %(exchange_id)s AND symbol = ANY(%(symbols)s);
