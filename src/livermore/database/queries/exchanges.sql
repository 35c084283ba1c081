-- The exchanges, and what people have to do with them.

-- name: list_exchanges
SELECT id, name, display_name, ws_url, rest_url, supported_timeframes, api_limits, maker_fee, taker_fee,
       geo_restrictions, has_adapter, is_active
FROM livermore.exchanges
ORDER BY id;

-- name: user_exchanges
SELECT u.id, u.user_id, u.exchange_id, e.name AS exchange_name, u.display_name, u.api_key_env_var,
       u.api_secret_env_var, u.additional_credentials_env_vars, u.is_active, u.is_default, u.connection_status,
       u.connection_error, u.can_trade, u.can_transfer, u.last_checked_at, u.last_connected_at
FROM livermore.user_exchanges AS u
JOIN livermore.exchanges AS e ON e.id = u.exchange_id
WHERE u.user_id = %(user_id)s
ORDER BY u.exchange_id;

-- name: save_user_exchange
INSERT INTO livermore.user_exchanges AS kept
    (user_id, exchange_id, display_name, api_key_env_var, api_secret_env_var, additional_credentials_env_vars,
     is_active, created_at, updated_at)
VALUES
    (%(user_id)s, %(exchange_id)s, %(display_name)s, %(api_key_env_var)s, %(api_secret_env_var)s, %(additional)s,
     %(is_active)s, %(at)s, %(at)s)
ON CONFLICT (user_id, exchange_id) DO UPDATE
SET display_name = excluded.display_name,
    api_key_env_var = excluded.api_key_env_var,
    api_secret_env_var = excluded.api_secret_env_var,
    additional_credentials_env_vars = excluded.additional_credentials_env_vars,
    is_active = excluded.is_active,
    updated_at = excluded.updated_at;

-- name: doubt_connection
-- What was found with other credentials says nothing of these.
UPDATE livermore.user_exchanges
SET connection_status = 'unknown', connection_error = NULL, can_trade = NULL, can_transfer = NULL,
    last_checked_at = NULL, last_connected_at = NULL
WHERE user_id = %(user_id)s AND exchange_id = %(exchange_id)s
  AND (api_key_env_var IS DISTINCT FROM %(api_key_env_var)s::text
       OR api_secret_env_var IS DISTINCT FROM %(api_secret_env_var)s::text
       OR additional_credentials_env_vars <> %(additional)s::jsonb);

-- name: clear_default
UPDATE livermore.user_exchanges SET is_default = false, updated_at = %(at)s
WHERE user_id = %(user_id)s AND is_default AND exchange_id <> %(exchange_id)s;

-- name: set_default
UPDATE livermore.user_exchanges SET is_default = true, updated_at = %(at)s
WHERE user_id = %(user_id)s AND exchange_id = %(exchange_id)s;

-- name: delete_user_exchange
DELETE FROM livermore.user_exchanges WHERE user_id = %(user_id)s AND exchange_id = %(exchange_id)s;

-- name: record_connection
UPDATE livermore.user_exchanges
SET connection_status = %(status)s,
    connection_error = %(error)s,
    can_trade = %(can_trade)s,
    can_transfer = %(can_transfer)s,
    last_checked_at = %(at)s,
    last_connected_at = CASE WHEN %(status)s = 'connected' THEN %(at)s ELSE last_connected_at END,
    updated_at = %(at)s
WHERE user_id = %(user_id)s AND exchange_id = %(exchange_id)s;

-- name: ensure_user_exchange
INSERT INTO livermore.user_exchanges (user_id, exchange_id, created_at, updated_at)
VALUES (%(user_id)s, %(exchange_id)s, %(at)s, %(at)s)
ON CONFLICT (user_id, exchange_id) DO NOTHING;

-- name: least_epoch
SELECT coalesce(max(epoch), 0) AS epoch FROM livermore.exchange_epochs WHERE exchange_id = %(exchange_id)s;

-- name: record_epoch
-- Epochs only grow, whoever comes late.
INSERT INTO livermore.exchange_epochs AS kept (exchange_id, epoch, instance_id, claimed_at)
VALUES (%(exchange_id)s, %(epoch)s, %(instance_id)s, %(at)s)
ON CONFLICT (exchange_id) DO UPDATE
SET epoch = excluded.epoch, instance_id = excluded.instance_id, claimed_at = excluded.claimed_at
WHERE excluded.epoch > kept.epoch;
