"""Exchanges, symbols, positions, epochs and keys, and what an instance sees of them."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from database.examples import a_user
from database.server import NOW
from livermore.core.account.people import Role
from livermore.core.account.portfolio import Holding
from livermore.core.account.settings import ExchangeAccess, Settings, parse_settings
from livermore.core.account.symbols import MOST_WATCHED_BY_USER, MonitoredSymbol
from livermore.core.market.exchange import WATCHED
from livermore.database.api_keys import create_key, key_of, keys_of, revoke_key, usable_of
from livermore.database.connect import Connection, Pool, transaction
from livermore.database.directory import PostgresDirectory
from livermore.database.exchanges import (
    ConnectionStatus,
    delete_user_exchange,
    list_exchanges,
    make_default,
    record_connection,
    save_user_exchange,
    user_exchanges,
)
from livermore.database.positions import positions_of, replace_positions
from livermore.database.settings import update_settings
from livermore.database.symbols import watchlist_of
from livermore.database.users import set_active
from livermore.errors import Conflict, InvalidRequest, NotFound

ACCESS = ExchangeAccess(api_key_env="LIVERMORE_COINBASE_KEY", api_secret_env="LIVERMORE_COINBASE_SECRET")


async def test_six_exchanges_are_known_by_the_numbers_that_keys_use(connection: Connection) -> None:
    found = await list_exchanges(connection)
    assert [(row.id, row.name) for row in found] == [
        (1, "coinbase"),
        (2, "binance"),
        (3, "binance_us"),
        (4, "kraken"),
        (5, "kucoin"),
        (6, "mexc"),
    ]
    assert {(row.id, row.name, row.display_name) for row in found if row.has_adapter} == {
        (exchange.id, exchange.name, exchange.display_name) for exchange in WATCHED
    }
    assert found[0].taker_fee == Decimal("0.012")
    assert found[1].geo_restrictions["blocked"] == ["US"]


async def test_an_exchange_is_set_up_by_names_of_variables(connection: Connection) -> None:
    user = await a_user(connection)
    await save_user_exchange(connection, user.id, 1, ACCESS, NOW)
    await save_user_exchange(connection, user.id, 2, ExchangeAccess(password_env="PASS"), NOW, display_name="Mine")
    await make_default(connection, user.id, 1, NOW)
    await make_default(connection, user.id, 2, NOW)
    coinbase, binance = await user_exchanges(connection, user.id)
    assert (coinbase.api_key_env_var, coinbase.is_default) == ("LIVERMORE_COINBASE_KEY", False)
    assert (binance.additional_credentials_env_vars, binance.is_default) == ({"password": "PASS"}, True)
    await delete_user_exchange(connection, user.id, 2)
    for missing in (delete_user_exchange(connection, user.id, 2), make_default(connection, user.id, 2, NOW)):
        with pytest.raises(NotFound):
            await missing


async def test_the_status_of_a_connection_is_kept(connection: Connection) -> None:
    user = await a_user(connection)
    await record_connection(connection, user.id, 1, ConnectionStatus.CONNECTED, NOW, can_trade=True)
    await record_connection(connection, user.id, 1, ConnectionStatus.FAILED, NOW + 1, error="refused")
    (found,) = await user_exchanges(connection, user.id)
    assert (found.connection_status, found.connection_error) == (ConnectionStatus.FAILED, "refused")
    assert (found.last_checked_at, found.last_connected_at, found.can_trade) == (NOW + 1, NOW, None)


async def test_with_other_credentials_nothing_is_known_of_a_connection_any_more(connection: Connection) -> None:
    user = await a_user(connection)
    await save_user_exchange(connection, user.id, 1, ACCESS, NOW)
    await record_connection(connection, user.id, 1, ConnectionStatus.CONNECTED, NOW, can_trade=True)
    await save_user_exchange(connection, user.id, 1, ACCESS, NOW + 1, display_name="Another name")
    (same,) = await user_exchanges(connection, user.id)
    await save_user_exchange(connection, user.id, 1, replace(ACCESS, api_secret_env="ANOTHER_SECRET"), NOW + 2)
    (other,) = await user_exchanges(connection, user.id)

    assert (same.connection_status, same.last_connected_at, same.can_trade) == (ConnectionStatus.CONNECTED, NOW, True)
    assert (other.connection_status, other.last_connected_at, other.can_trade) == (ConnectionStatus.UNKNOWN, None, None)
    assert other.last_checked_at is None


async def test_positions_are_replaced_as_a_whole(pool: Pool) -> None:
    small = Holding("PEPE", Decimal("0.000000000000000001"), Decimal(0), cost=Decimal("1.23"))
    async with transaction(pool) as connection:
        user = await a_user(connection)
        with pytest.raises(NotFound, match="not set up"):
            await replace_positions(connection, user.id, 1, [small], {}, NOW)
        await save_user_exchange(connection, user.id, 1, ACCESS, NOW)
        bitcoin = Holding("BTC", Decimal(1), Decimal(1))
        await replace_positions(connection, user.id, 1, [bitcoin], {"BTC": "BTC-USD"}, NOW)
        await replace_positions(connection, user.id, 1, [small], {"PEPE": "PEPE-USD"}, NOW + 1)
        (found,) = await positions_of(connection, user.id)
        assert (found.holding, found.symbol, found.synced_at) == (small, "PEPE-USD", NOW + 1)
    assert await PostgresDirectory(pool).held_symbols(1) == ("PEPE-USD",)
    assert await PostgresDirectory(pool).held_symbols(2) == ()


async def test_an_instance_sees_both_tiers_and_what_people_hold(pool: Pool) -> None:
    directory = PostgresDirectory(pool)
    async with transaction(pool) as connection:
        user = await a_user(connection)
        await save_user_exchange(connection, user.id, 1, ACCESS, NOW)
        await replace_positions(
            connection, user.id, 1, [Holding("SOL", Decimal(1), Decimal(1))], {"SOL": "SOL-USD"}, NOW
        )
    shared = MonitoredSymbol("BTC-USD", rank=1, volume=Decimal("1e9"))
    own = MonitoredSymbol("PEPE-USD", tier=2, user=str(user.id))
    await directory.add_symbols(1, [shared, own], "admin@example.com", NOW)
    held = MonitoredSymbol("SOL-USD", tier=2, user=str(user.id))
    assert await directory.symbols(1) == (shared, own, held)
    assert await directory.symbols(2) == ()
    async with transaction(pool) as connection:
        await a_user(connection, "admin", Role.ADMIN)
        await set_active(connection, user.id, NOW, is_active=False)
    assert await directory.symbols(1) == (shared,)


async def test_a_symbol_that_was_given_up_stays_given_up_until_it_is_added(pool: Pool) -> None:
    directory = PostgresDirectory(pool)
    shared = MonitoredSymbol("BTC-USD", rank=1, volume=Decimal(5))
    await directory.add_symbols(1, [shared], "a", NOW)
    assert await directory.remove_symbols(1, ["BTC-USD", "ETH-USD"], "a", NOW) == 1
    assert [symbol.is_active for symbol in await directory.symbols(1)] == [False]
    await directory.add_symbols(1, [MonitoredSymbol("BTC-USD")], "a", NOW)
    assert await directory.symbols(1) == (shared,)


async def test_a_watchlist_is_of_one_user_and_has_an_end(pool: Pool) -> None:
    directory = PostgresDirectory(pool)
    async with transaction(pool) as connection:
        user = await a_user(connection)
    rows = [MonitoredSymbol(f"S{number}-USD", 2, user=str(user.id)) for number in range(MOST_WATCHED_BY_USER + 1)]
    with pytest.raises(InvalidRequest, match="at most"):
        await directory.add_symbols(1, rows, "a", NOW)
    assert await directory.symbols(1) == ()

    async def add(some: list[MonitoredSymbol]) -> bool:
        try:
            await directory.add_symbols(1, some, "a", NOW)
        except InvalidRequest:
            return False
        return True

    async with asyncio.TaskGroup() as tasks:
        adding = [tasks.create_task(add(some), name=f"add {len(some)}") for some in (rows[:150], rows[150:])]
    assert [task.result() for task in adding].count(True) >= 1
    async with transaction(pool) as connection:
        assert len(await watchlist_of(connection, user.id)) <= MOST_WATCHED_BY_USER
    removed = await directory.remove_symbols(1, [row.symbol for row in rows], "a", NOW, str(user.id))
    assert removed > 0
    assert await directory.symbols(1) == ()


@pytest.mark.parametrize(("user", "error"), [(None, InvalidRequest), ("x", InvalidRequest), ("999", NotFound)])
async def test_a_watchlist_of_nobody_is_refused(pool: Pool, user: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        await PostgresDirectory(pool).add_symbols(1, [MonitoredSymbol("A-B", 2, user=user)], "a", NOW)


async def test_symbols_of_an_unknown_exchange_are_refused(pool: Pool) -> None:
    with pytest.raises(Conflict):
        await PostgresDirectory(pool).add_symbols(99, [MonitoredSymbol("A-B")], "a", NOW)


async def test_epochs_only_grow(pool: Pool) -> None:
    directory = PostgresDirectory(pool)
    assert await directory.least_epoch(1) == 0
    for epoch in (3, 2, 5, 4):
        await directory.record_epoch(1, epoch, "i1", NOW)
    assert await directory.least_epoch(1) == 5
    assert await directory.least_epoch(2) == 0


async def test_an_instance_has_the_settings_of_its_admin(pool: Pool) -> None:
    directory = PostgresDirectory(pool)
    assert await directory.settings(None) == Settings()
    assert await directory.settings("nobody@example.com") == Settings()
    loud = parse_settings({"alerts": {"levelStep": 25}})
    async with transaction(pool) as connection:
        user = await a_user(connection)
        await update_settings(connection, user.id, loud, 0, by="a", at=NOW)
    assert await directory.settings("JESSE@example.com") == loud


async def test_a_key_is_shown_once_and_kept_as_its_digest(connection: Connection) -> None:
    user = await a_user(connection)
    key, text = await create_key(connection, user.id, "partner", {"alerts", "candles"}, NOW)
    assert text.startswith(key.prefix)
    assert (key.scopes, key.last_used_at) == (("alerts", "candles"), None)
    cursor = await connection.execute("SELECT k::text FROM livermore.api_keys AS k")
    assert text[len(key.prefix) :] not in str(await cursor.fetchall())
    assert await key_of(connection, text, NOW + 1) == key
    assert await key_of(connection, text + "x", NOW) is None
    assert [(found.id, found.last_used_at) for found in await keys_of(connection, user.id)] == [(key.id, NOW + 1)]
    assert len(await keys_of(connection)) == 1


async def test_a_key_that_is_revoked_expired_or_of_somebody_gone_opens_nothing(connection: Connection) -> None:
    await a_user(connection, "admin", Role.ADMIN)
    user = await a_user(connection)
    revoked, revoked_text = await create_key(connection, user.id, "a", ["alerts"], NOW)
    expiring, expiring_text = await create_key(connection, user.id, "b", ["alerts"], NOW, expires_at=NOW + 10)
    with pytest.raises(NotFound):
        await revoke_key(connection, revoked.id, NOW, user_id=user.id + 1)
    await revoke_key(connection, revoked.id, NOW, user_id=user.id)
    with pytest.raises(NotFound):
        await revoke_key(connection, revoked.id, NOW)
    assert await key_of(connection, revoked_text, NOW) is None
    assert await usable_of(connection, [revoked.id, expiring.id], NOW) == {expiring.id}
    assert await key_of(connection, expiring_text, NOW + 10) is None
    await set_active(connection, user.id, NOW, is_active=False)
    assert await key_of(connection, expiring_text, NOW) is None
    assert await usable_of(connection, [expiring.id], NOW) == frozenset()


async def test_that_a_key_was_used_is_written_once_a_minute(connection: Connection) -> None:
    user = await a_user(connection)
    _, text = await create_key(connection, user.id, "a", ["alerts"], NOW)
    for at in (NOW, NOW + 59_000, NOW + 61_000):
        await key_of(connection, text, at)
    assert (await keys_of(connection))[0].last_used_at == NOW + 61_000
