-- Which migrations a database has had, and the lock under which it is given more.

-- name: take_time
-- A step may take longer than an ordinary statement; until the transaction ends.
SELECT set_config('statement_timeout', '0', true);

-- name: lock_migrations
SELECT pg_advisory_xact_lock(7318349394477056);

-- name: unlocked_schema
-- Whether our schema and its list of migrations are there.
SELECT
    to_regnamespace('livermore') IS NOT NULL AS has_schema,
    to_regclass('livermore.schema_migrations') IS NOT NULL AS has_migrations;

-- name: list_migrations
SELECT version, name, checksum, applied_at FROM livermore.schema_migrations ORDER BY version;

-- name: record_migration
INSERT INTO livermore.schema_migrations (version, name, checksum, applied_at)
VALUES (%(version)s, %(name)s, %(checksum)s, %(applied_at)s);

-- name: market_kind
-- Decides whether the database is of a simulated market, where that is open, and answers with what it is.
INSERT INTO livermore.market AS kept (is_simulated, decided_at)
VALUES (%(is_simulated)s, %(decided_at)s)
ON CONFLICT (only_row) DO UPDATE SET is_simulated = kept.is_simulated
RETURNING is_simulated;
