"""A real Valkey and a real PostgreSQL for each test, as their own folders have them."""

from cache.conftest import keys, redis, server
from database.conftest import connection, pool, postgres, settings, shared, template

__all__ = ["connection", "keys", "pool", "postgres", "redis", "server", "settings", "shared", "template"]
