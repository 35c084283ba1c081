-- People and who they are to the issuers of their tokens.

-- name: user_by_id
SELECT id, username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, is_active,
       last_login_at, created_at, updated_at
FROM livermore.users
WHERE id = %(id)s;

-- name: user_by_subject
SELECT id, username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, is_active,
       last_login_at, created_at, updated_at
FROM livermore.users
WHERE identity_provider = %(provider)s AND identity_sub = %(subject)s;

-- name: user_by_email
SELECT id, username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, is_active,
       last_login_at, created_at, updated_at
FROM livermore.users
WHERE lower(email) = lower(%(email)s);

-- name: list_users
-- Oldest first, after the user of that number.
SELECT id, username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, is_active,
       last_login_at, created_at, updated_at
FROM livermore.users
WHERE id > %(after)s
  AND (%(search)s::text IS NULL OR strpos(lower(email || ' ' || username || ' ' || coalesce(display_name, '')),
                                          lower(%(search)s::text)) > 0)
ORDER BY id
LIMIT %(limit)s;

-- name: refresh_identity
-- What the issuer says now of somebody we know; an e-mail address that somebody else has stays with them.
UPDATE livermore.users AS known
SET email = CASE
        WHEN NOT EXISTS (SELECT FROM livermore.users AS other
                         WHERE lower(other.email) = lower(%(email)s) AND other.id <> known.id) THEN %(email)s
        ELSE known.email
    END,
    display_name = coalesce(%(display_name)s, known.display_name),
    identity_picture_url = %(picture_url)s,
    last_login_at = coalesce(%(login_at)s, known.last_login_at),
    updated_at = %(at)s
WHERE identity_provider = %(provider)s AND identity_sub = %(subject)s
RETURNING id, username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, is_active,
          last_login_at, created_at, updated_at;

-- name: link_identity
-- Somebody who was entered by e-mail address before they first signed in.
UPDATE livermore.users
SET identity_provider = %(provider)s,
    identity_sub = %(subject)s,
    display_name = coalesce(%(display_name)s, display_name),
    identity_picture_url = %(picture_url)s,
    last_login_at = coalesce(%(login_at)s, last_login_at),
    updated_at = %(at)s
WHERE lower(email) = lower(%(email)s) AND identity_sub IS NULL
RETURNING id, username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, is_active,
          last_login_at, created_at, updated_at;

-- name: insert_user
INSERT INTO livermore.users
    (username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, last_login_at,
     created_at, updated_at)
VALUES
    (%(username)s, %(email)s, %(provider)s, %(subject)s, %(display_name)s, %(picture_url)s, %(role)s, %(login_at)s,
     %(at)s, %(at)s)
ON CONFLICT (username) DO NOTHING
RETURNING id, username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, is_active,
          last_login_at, created_at, updated_at;

-- name: set_role
UPDATE livermore.users SET role = %(role)s, updated_at = %(at)s
WHERE id = %(id)s
RETURNING id, username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, is_active,
          last_login_at, created_at, updated_at;

-- name: set_active
UPDATE livermore.users SET is_active = %(is_active)s, updated_at = %(at)s
WHERE id = %(id)s
RETURNING id, username, email, identity_provider, identity_sub, display_name, identity_picture_url, role, is_active,
          last_login_at, created_at, updated_at;

-- name: active_admins
-- Locks them, so that of two who leave at once one stays.
SELECT id FROM livermore.users WHERE role = 'admin' AND is_active ORDER BY id FOR UPDATE;

-- name: delete_user
DELETE FROM livermore.users WHERE id = %(id)s;
