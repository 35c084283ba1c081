-- What people hold, and what trading has cost them, as the instance last read it.

-- name: positions_of_user
SELECT u.exchange_id, p.currency, p.symbol, p.quantity, p.available, p.covered, p.cost, p.realised, p.last_fill_at,
       p.synced_at
FROM livermore.positions AS p
JOIN livermore.user_exchanges AS u ON u.id = p.user_exchange_id
WHERE u.user_id = %(user_id)s
ORDER BY u.exchange_id, p.currency;

-- name: user_exchange_for_update
SELECT id FROM livermore.user_exchanges
WHERE user_id = %(user_id)s AND exchange_id = %(exchange_id)s
FOR UPDATE;

-- name: save_position
INSERT INTO livermore.positions
    (user_exchange_id, currency, symbol, quantity, available, covered, cost, realised, last_fill_at, synced_at)
VALUES
    (%(user_exchange_id)s, %(currency)s, %(symbol)s, %(quantity)s, %(available)s, %(covered)s, %(cost)s, %(realised)s,
     %(last_fill_at)s, %(synced_at)s)
ON CONFLICT (user_exchange_id, currency) DO UPDATE
SET symbol = excluded.symbol, quantity = excluded.quantity, available = excluded.available, covered = excluded.covered,
    cost = excluded.cost, realised = excluded.realised, last_fill_at = excluded.last_fill_at,
    synced_at = excluded.synced_at;

-- name: drop_positions
-- What is no longer held.
DELETE FROM livermore.positions
WHERE user_exchange_id = %(user_exchange_id)s AND NOT (currency = ANY(%(kept)s));

-- name: held_symbols
SELECT DISTINCT coalesce(p.symbol, '') AS symbol
FROM livermore.positions AS p
JOIN livermore.user_exchanges AS u ON u.id = p.user_exchange_id
WHERE u.exchange_id = %(exchange_id)s AND u.is_active AND p.symbol IS NOT NULL AND p.quantity > 0
ORDER BY symbol;

-- name: save_fees
INSERT INTO livermore.account_fees (user_exchange_id, document, read_at)
VALUES (%(user_exchange_id)s, %(document)s, %(read_at)s)
ON CONFLICT (user_exchange_id) DO UPDATE
SET document = excluded.document, read_at = excluded.read_at;

-- name: fees_of_user
SELECT f.document, f.read_at
FROM livermore.account_fees AS f
JOIN livermore.user_exchanges AS u ON u.id = f.user_exchange_id
WHERE u.user_id = %(user_id)s AND u.exchange_id = %(exchange_id)s;
