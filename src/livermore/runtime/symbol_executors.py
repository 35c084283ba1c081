"""The commands that change which symbols are watched; each symbol has a verdict of its own in the result."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final

from livermore.core.account.symbols import MonitoredSymbol
from livermore.core.instance.commands import AddSymbol, BulkAddSymbols, Command, CommandType, Json, RemoveSymbol
from livermore.core.market.instrument import Instrument
from livermore.core.watch import Mode
from livermore.errors import InvalidRequest, NotFound
from livermore.runtime.control import Details, Later, Tell
from livermore.runtime.executors import LIFECYCLE, Deed, Desk, running_session, series_told

SYMBOLS_LIMIT: Final = 2_000
UNTIL_RESTART: Final = "this instance has no PostgreSQL, so the change lasts until the next start"


class Verdict(StrEnum):
    """What became of one symbol."""

    ADDED = "added"
    ALREADY_THERE = "already there"
    UNKNOWN = "unknown"
    NOT_TRADING = "not trading"
    NOT_HELD = "written down, but not held"
    TOO_MANY = f"too many: {SYMBOLS_LIMIT} symbols are watched at most"
    REMOVED = "removed"
    STILL_WANTED = "removed, but still watched for others"
    NOT_WATCHED = "not watched"


async def add_symbol(desk: Desk, command: Command, tell: Tell) -> Details | Later:
    """Watch one more symbol.

    Raises:
        NotFound: when the exchange does not list it, or does not trade it now.
    """
    payload = command.payload
    assert isinstance(payload, AddSymbol)
    _, exchange = running_session(desk)
    listed = {one.symbol: one for one in await exchange.instruments()}
    verdict = _verdict(payload.symbol, listed, ())
    if verdict in (Verdict.UNKNOWN, Verdict.NOT_TRADING):
        raise NotFound(f"{payload.symbol} is {verdict} at {exchange.identity.display_name}")
    return await _add(desk, command, (payload.symbol,), payload.tier, payload.user, tell)


async def bulk_add_symbols(desk: Desk, command: Command, tell: Tell) -> Details | Later:
    """Watch more symbols."""
    payload = command.payload
    assert isinstance(payload, BulkAddSymbols)
    symbols = tuple(dict.fromkeys(payload.symbols))
    return await _add(desk, command, symbols, payload.tier, payload.user, tell)


async def _add(
    desk: Desk, command: Command, symbols: Sequence[str], tier: int, user: str | None, tell: Tell
) -> Details | Later:
    async with desk.turn:
        return await _add_in_turn(desk, command, symbols, tier, user, tell)


async def _add_in_turn(
    desk: Desk, command: Command, symbols: Sequence[str], tier: int, user: str | None, tell: Tell
) -> Details | Later:
    session, exchange = running_session(desk)
    listed = {one.symbol: one for one in await exchange.instruments()}
    verdicts = {symbol: _verdict(symbol, listed, session.symbols) for symbol in symbols}
    fresh = [symbol for symbol, verdict in verdicts.items() if verdict is Verdict.ADDED]
    room = max(0, SYMBOLS_LIMIT - len(session.symbols))
    verdicts |= dict.fromkeys(fresh[room:], Verdict.TOO_MANY)
    fresh = fresh[:room]
    directory = desk.course.directory
    if directory is not None:
        known = [symbol for symbol in symbols if verdicts[symbol] in (Verdict.ADDED, Verdict.ALREADY_THERE)]
        rows = [_row(listed[symbol], tier, user) for symbol in known]
        await directory.add_symbols(exchange.identity.id, rows, command.issued_by, desk.course.clock.now())
        if desk.instance.status.mode is Mode.POSITION_MONITOR:
            held = set(await directory.held_symbols(exchange.identity.id))
            verdicts |= dict.fromkeys((symbol for symbol in fresh if symbol not in held), Verdict.NOT_HELD)
            fresh = [symbol for symbol in fresh if symbol in held]
    if not fresh:
        return _details(desk, verdicts, {})

    async def rest() -> Details:
        refused = await session.add_symbols(fresh, series_told(tell, "ready"))
        return _details(desk, verdicts, refused)

    return Later(rest)


async def remove_symbol(desk: Desk, command: Command, _tell: Tell) -> Details:
    """Watch a symbol no longer; what is stored of it stays.

    Raises:
        InvalidRequest: when it is the last one, or the settings say that it is always watched.
    """
    payload = command.payload
    assert isinstance(payload, RemoveSymbol)
    async with desk.turn:
        return await _remove_in_turn(desk, command, payload)


async def _remove_in_turn(desk: Desk, command: Command, payload: RemoveSymbol) -> Details:
    session, exchange = running_session(desk)
    if session.symbols == (payload.symbol,):
        raise InvalidRequest(f"{payload.symbol} is the last symbol; stop the exchange instead")
    settings = desk.course.settings
    if settings is not None and payload.symbol in settings.symbols.always:
        # It would be watched again from the next start on, by settings that nobody has in view then.
        raise InvalidRequest(f"{payload.symbol} is named under symbols.always in the settings; take it out there")
    directory, now = desk.course.directory, desk.course.clock.now()
    removed = 0
    if directory is not None:
        number = exchange.identity.id
        removed = await directory.remove_symbols(number, (payload.symbol,), command.issued_by, now, payload.user)
        if await desk.course.is_still_wanted(exchange, payload.symbol):
            verdict = Verdict.STILL_WANTED if removed else Verdict.NOT_WATCHED
            return _details(desk, {payload.symbol: verdict}, {})
    gone = await session.remove_symbols((payload.symbol,))
    return _details(desk, {payload.symbol: Verdict.REMOVED if gone or removed else Verdict.NOT_WATCHED}, {})


def _verdict(symbol: str, listed: Mapping[str, Instrument], watched: Sequence[str]) -> Verdict:
    if symbol in watched:
        return Verdict.ALREADY_THERE
    if symbol not in listed:
        return Verdict.UNKNOWN
    return Verdict.ADDED if listed[symbol].is_trading else Verdict.NOT_TRADING


def _row(instrument: Instrument, tier: int, user: str | None) -> MonitoredSymbol:
    volume = instrument.quote_volume_24h
    return MonitoredSymbol(instrument.symbol, tier, volume=None if volume is None else Decimal(repr(volume)), user=user)


def _details(desk: Desk, verdicts: Mapping[str, Verdict], refused: Mapping[str, str]) -> Details:
    told: dict[str, Json] = {symbol: verdict.value for symbol, verdict in verdicts.items()}
    told |= {symbol: f"refused by the exchange: {reason}" for symbol, reason in refused.items()}
    session = desk.instance.session
    details: dict[str, Json] = {"verdicts": told, "symbols": 0 if session is None else session.symbol_count}
    changed = {Verdict.ADDED, Verdict.REMOVED} & set(verdicts.values())
    details["isChanged"] = bool(changed)
    if desk.course.directory is None and changed:
        details["note"] = UNTIL_RESTART
    return details


EXECUTORS: Final[Mapping[CommandType, Deed]] = {
    **LIFECYCLE,
    CommandType.ADD_SYMBOL: add_symbol,
    CommandType.REMOVE_SYMBOL: remove_symbol,
    CommandType.BULK_ADD_SYMBOLS: bulk_add_symbols,
}
"""What each command does. One that is not here is answered as not available."""
