"""What a schema consists of, as a set of facts that can be compared."""

from typing import TypeAlias

from livermore.database.connect import Connection

Fact: TypeAlias = tuple[object, ...]

FACTS = (
    """
    SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
           coalesce(pg_get_expr(d.adbin, d.adrelid), nullif(a.attidentity::text, ''))
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = to_regnamespace('livermore') AND c.relkind IN ('r', 'v', 'p') AND a.attnum > 0
      AND NOT a.attisdropped
    """,
    """
    SELECT 'constraint', c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c
    WHERE c.connamespace = to_regnamespace('livermore')
    """,
    """
    SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'livermore'
    """,
    """
    SELECT 'other', c.relkind::text, c.relname
    FROM pg_class c
    WHERE c.relnamespace = to_regnamespace('livermore') AND c.relkind NOT IN ('r', 'i', 't')
    """,
    """
    SELECT 'routine', p.proname, pg_get_functiondef(p.oid)
    FROM pg_proc p WHERE p.pronamespace = to_regnamespace('livermore')
    UNION ALL
    SELECT 'trigger', t.tgname, pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = to_regnamespace('livermore') AND NOT t.tgisinternal
    """,
)


async def catalogue_of(connection: Connection) -> set[Fact]:
    """Every column with its type, nullability and default, every constraint, index, sequence, routine and trigger."""
    found: set[Fact] = set()
    for facts in FACTS:
        cursor = await connection.execute(facts)
        found.update(await cursor.fetchall())
    return found
