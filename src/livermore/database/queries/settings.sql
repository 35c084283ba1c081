-- The settings of people, and every version there was.

-- name: settings_of_user
SELECT settings AS document, settings_version AS version, updated_at AS changed_at
FROM livermore.users
WHERE id = %(user_id)s;

-- name: settings_of_email
SELECT settings AS document, settings_version AS version, updated_at AS changed_at
FROM livermore.users
WHERE lower(email) = lower(%(email)s);

-- name: all_settings
-- Of everybody who may sign in, for those who deliver.
SELECT id AS user_id, role, settings AS document
FROM livermore.users
WHERE is_active
ORDER BY id;

-- name: replace_settings
-- Only where the version is still the one that was read.
UPDATE livermore.users
SET settings = %(document)s, settings_version = settings_version + 1, updated_at = %(at)s
WHERE id = %(user_id)s AND settings_version = %(expected)s
RETURNING settings AS document, settings_version AS version, updated_at AS changed_at;

-- name: record_version
INSERT INTO livermore.settings_history (user_id, version, settings, reason, changed_by, changed_at)
VALUES (%(user_id)s, %(version)s, %(document)s, %(reason)s, %(by)s, %(at)s);

-- name: settings_history
SELECT version, reason, changed_by, changed_at
FROM livermore.settings_history
WHERE user_id = %(user_id)s AND version < %(before)s
ORDER BY version DESC
LIMIT %(limit)s;

-- name: settings_version
SELECT settings AS document, version, changed_at
FROM livermore.settings_history
WHERE user_id = %(user_id)s AND version = %(version)s;

-- name: forget_versions
-- Only so many are kept.
DELETE FROM livermore.settings_history WHERE user_id = %(user_id)s AND version <= %(up_to)s;
