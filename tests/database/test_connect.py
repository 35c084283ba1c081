"""What PostgreSQL refuses or fails to say becomes one line with the cure, and no line holds the password."""

import asyncio
import socket
from dataclasses import replace

import pytest

from database.server import Server
from livermore.database.connect import (
    DatabaseSettings,
    Pool,
    answered,
    open_connection,
    open_pool,
    transaction,
)
from livermore.errors import ConfigError, Conflict, InvalidRequest, LivermoreError, StoreError, StoreUnavailable

SECRET = "a-very-secret-word"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


async def refusal(settings: DatabaseSettings) -> LivermoreError:
    found: list[LivermoreError] = []
    for opening in (open_connection, open_pool):
        with pytest.raises(LivermoreError) as refused:
            async with opening(settings):
                pass
        found.append(refused.value)
    assert [str(error) for error in found] == [str(found[0])] * 2
    assert SECRET not in str(found[0]) + repr(settings)
    assert "\n" not in str(found[0])
    return found[0]


async def test_nobody_there_is_unavailable(settings: DatabaseSettings) -> None:
    error = await refusal(replace(settings, port=free_port(), password=SECRET))
    assert isinstance(error, StoreUnavailable)
    assert "cannot be reached" in str(error)
    assert "LIVERMORE_DATABASE_HOST" in str(error)


async def test_a_wrong_password_is_refused_with_the_variable(settings: DatabaseSettings) -> None:
    error = await refusal(replace(settings, password=SECRET))
    assert isinstance(error, ConfigError)
    assert "wrong password" in str(error)
    assert "LIVERMORE_DATABASE_PASSWORD" in str(error)


async def test_a_missing_database_is_named(settings: DatabaseSettings) -> None:
    error = await refusal(replace(settings, name="elsewhere"))
    assert isinstance(error, ConfigError)
    assert "no database elsewhere" in str(error)


async def test_a_server_without_tls_is_refused_where_tls_is_wanted(settings: DatabaseSettings) -> None:
    error = await refusal(replace(settings, is_tls=True))
    assert isinstance(error, ConfigError)
    assert "LIVERMORE_DATABASE_TLS" in str(error)


async def test_a_server_that_never_answers_is_unavailable(
    settings: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livermore.database.connect.CONNECT_TIMEOUT_SECONDS", 0)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        error = await refusal(replace(settings, port=mute.getsockname()[1]))
    assert isinstance(error, StoreUnavailable)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("INSERT INTO livermore.watchlist_symbols VALUES (1, 1, 'A-B', 1)", Conflict),
        ("INSERT INTO livermore.exchanges (id) VALUES (NULL)", InvalidRequest),
        ("SELECT 'x'::uuid", InvalidRequest),
        ("SELECT 1 / 0", InvalidRequest),
        ("SELECT * FROM livermore.absent", StoreError),
        ("SELEC", StoreError),
        ("SELECT pg_terminate_backend(pg_backend_pid())", StoreUnavailable),
    ],
)
async def test_every_error_becomes_one_of_ours(pool: Pool, statement: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        async with transaction(pool) as connection:
            await connection.execute(statement)
    async with transaction(pool) as connection:
        cursor = await connection.execute("SELECT 1")
        assert await cursor.fetchone() == (1,)


async def test_a_transaction_that_fails_is_undone(pool: Pool) -> None:
    async def fail() -> None:
        async with transaction(pool) as connection:
            await connection.execute("INSERT INTO livermore.market VALUES (true, true, 1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with transaction(pool) as connection:
        cursor = await connection.execute("SELECT count(*) FROM livermore.market")
        assert await cursor.fetchone() == (0,)


async def test_silence_is_an_error_too(pool: Pool) -> None:
    with pytest.raises(StoreUnavailable, match="did not answer"):
        async with answered("it", within_seconds=0.05), pool.connection() as connection:
            await connection.execute("SELECT pg_sleep(60)")


async def test_a_pool_without_room_says_so(settings: DatabaseSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livermore.database.connect.POOL_TIMEOUT_SECONDS", 0.1)
    async with open_pool(settings, limit=1) as pool, transaction(pool):
        with pytest.raises(StoreUnavailable):
            async with transaction(pool):
                pass


async def test_a_pool_outlives_the_connections_that_the_server_ends(pool: Pool, postgres: Server) -> None:
    async with transaction(pool) as connection:
        assert connection.info.backend_pid
    async with open_connection(postgres.settings("postgres")) as other:
        await other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'livermore_tests'")
    async with asyncio.timeout(10), transaction(pool) as connection:
        await connection.execute("SELECT 1")


async def test_only_the_first_waits_for_long_for_a_server_that_is_away(settings: DatabaseSettings) -> None:
    """Twenty that waited their whole time, one after the other, would take a hundred seconds."""
    async with open_pool(replace(settings, port=free_port()), may_be_away=True) as pool, asyncio.timeout(40):
        for _ in range(20):
            with pytest.raises(StoreUnavailable):
                async with transaction(pool):
                    pass
