-- The keys of partners; what they were is not kept, only its SHA-256.

-- name: insert_key
INSERT INTO livermore.api_keys (user_id, name, prefix, digest, scopes, requests_per_minute, created_at, expires_at)
VALUES (%(user_id)s, %(name)s, %(prefix)s, %(digest)s, %(scopes)s, %(requests_per_minute)s, %(at)s, %(expires_at)s)
RETURNING id, user_id, name, prefix, scopes, requests_per_minute, created_at, expires_at, last_used_at, revoked_at;

-- name: keys_of_user
SELECT id, user_id, name, prefix, scopes, requests_per_minute, created_at, expires_at, last_used_at, revoked_at
FROM livermore.api_keys
WHERE user_id = %(user_id)s
ORDER BY id;

-- name: all_keys
SELECT id, user_id, name, prefix, scopes, requests_per_minute, created_at, expires_at, last_used_at, revoked_at
FROM livermore.api_keys
ORDER BY id;

-- name: key_by_digest
-- Only one that may be used: neither revoked nor expired, of somebody who may sign in.
SELECT k.id, k.user_id, k.name, k.prefix, k.scopes, k.requests_per_minute, k.created_at, k.expires_at, k.last_used_at,
       k.revoked_at
FROM livermore.api_keys AS k
JOIN livermore.users AS u ON u.id = k.user_id
WHERE k.digest = %(digest)s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > %(at)s)
  AND u.is_active;

-- name: touch_key
-- At most once a minute, for it is asked with every request.
UPDATE livermore.api_keys SET last_used_at = %(at)s
WHERE id = %(id)s AND (last_used_at IS NULL OR last_used_at < %(at)s - 60000);

-- name: revoke_key
UPDATE livermore.api_keys SET revoked_at = %(at)s
WHERE id = %(id)s AND (%(user_id)s::bigint IS NULL OR user_id = %(user_id)s) AND revoked_at IS NULL;

-- name: usable_keys
-- Those of a list that may still be used.
SELECT k.id
FROM livermore.api_keys AS k
JOIN livermore.users AS u ON u.id = k.user_id
WHERE k.id = ANY(%(ids)s) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > %(at)s) AND u.is_active
ORDER BY k.id;
