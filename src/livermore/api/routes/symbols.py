"""Symbols: who watches what, what an exchange lists, and commands that change it."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Response, status

from livermore.api.access import ADMINS, PEOPLE, READERS, need
from livermore.api.auth.person import Person
from livermore.api.lines import ReadingLine, reading_line
from livermore.api.models.control import CommandAsked, CommandShown
from livermore.api.models.shape import PAGE_LIMIT, PAGE_SIZE, Page
from livermore.api.models.symbols import (
    InstrumentShown,
    QualityOfSymbol,
    SymbolAsked,
    SymbolsAsked,
    SymbolShown,
    SymbolsPlanned,
    VerdictShown,
    WatchlistAsked,
)
from livermore.api.routes.control import ordered
from livermore.api.scopes import Scope
from livermore.api.window import TheExchange, TheWindow, Window
from livermore.cache.instruments import Listing, listing_of
from livermore.cache.matrix import stored_readings
from livermore.core.account.symbols import MonitoredSymbol, verdicts
from livermore.core.instance.commands import CommandType
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.symbol import symbol_spelled
from livermore.core.market.timeframe import BASE, Timeframe
from livermore.database.connect import transaction
from livermore.database.symbols import (
    add_to_watchlist,
    monitored_symbols,
    remove_from_watchlist,
)
from livermore.errors import CorruptRecord, InvalidRequest, NotFound

CURSOR: Final = r"^\d{1,6}$"

router = APIRouter(tags=["symbols"])
Admin = Annotated[Person, Depends(need(ADMINS))]
Owner = Annotated[Person, Depends(need(PEOPLE))]
SymbolName = Annotated[str, Path(description="BASE-QUOTE", max_length=40, examples=["BTC-USD"])]


@router.get(
    "/exchanges/{exchange}/symbols",
    tags=["partner"],
    dependencies=[Depends(need(READERS, Scope.SYMBOLS))],
    summary="What is watched on an exchange",
)
async def list_symbols(exchange: TheExchange, window: TheWindow) -> Page[SymbolShown]:
    """Tier 1 by rank, then what single users want, each with how well it is known."""
    async with transaction(window.pool) as connection:
        rows = await monitored_symbols(connection, exchange.id)
    qualities = await _qualities(window, exchange, list(dict.fromkeys(row.symbol for row in rows)))
    return Page(items=[_shown(row, qualities.get(row.symbol)) for row in rows], next=None)


async def _qualities(window: Window, exchange: ExchangeIdentity, symbols: list[str]) -> Mapping[str, QualityOfSymbol]:
    stored = await stored_readings(window.redis, window.keys(exchange), symbols)
    width = len(Timeframe)
    found: dict[str, QualityOfSymbol] = {}
    for index, symbol in enumerate(symbols):
        lines = [_line(raw, symbol) for raw in stored[index * width : (index + 1) * width]]
        known = [line for line in lines if line is not None]
        if known:
            base = lines[list(Timeframe).index(BASE)]
            found[symbol] = QualityOfSymbol(
                candles=min(line.quality.candles for line in known),
                convergence=max(line.quality.convergence for line in known),
                empty_ratio=None if base is None else base.quality.empty_ratio,
                newest_close=None if base is None else base.close_time,
            )
    return found


def _line(raw: bytes | None, symbol: str) -> ReadingLine | None:
    try:
        return None if raw is None else reading_line(raw, symbol)
    except CorruptRecord:
        # The matrix names it; here it only means that nothing is known.
        return None


def _shown(row: MonitoredSymbol, quality: QualityOfSymbol | None) -> SymbolShown:
    return SymbolShown(
        symbol=row.symbol,
        tier=row.tier,
        rank=row.rank,
        volume=row.volume,
        user=row.user,
        is_active=row.is_active,
        quality=quality,
    )


@router.get(
    "/exchanges/{exchange}/instruments",
    dependencies=[Depends(need(READERS, Scope.SYMBOLS))],
    summary="Search what an exchange lists",
)
async def list_instruments(
    exchange: TheExchange,
    window: TheWindow,
    search: Annotated[str, Query(max_length=40, description="a part of the symbol")] = "",
    cursor: Annotated[str | None, Query(pattern=CURSOR)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = PAGE_SIZE,
) -> Page[InstrumentShown]:
    """The most traded first; as an instance last read it."""
    listing = await _listing(window, exchange)
    watched = set(await window.symbols.of(exchange.id, is_afresh=True))
    words = search.strip().upper().replace("/", "-")
    found = sorted(
        (one for one in listing.symbols if words in one.symbol),
        key=lambda one: (not one.is_trading, -(one.volume or 0.0), one.symbol),
    )
    start = int(cursor or 0)
    page = found[start : start + limit]
    return Page(
        items=[
            InstrumentShown(
                symbol=one.symbol,
                base=one.base,
                quote=one.quote,
                is_trading=one.is_trading,
                quoteVolume24h=one.volume,
                is_watched=one.symbol in watched,
            )
            for one in page
        ],
        next=str(start + limit) if len(found) > start + limit else None,
    )


async def _listing(window: Window, exchange: ExchangeIdentity) -> Listing:
    listing = await listing_of(window.redis, window.keys(exchange))
    if listing is None:
        raise NotFound(f"no instance has read what {exchange.display_name} lists; start one or send refresh-products")
    return listing


@router.post("/exchanges/{exchange}/symbols", status_code=status.HTTP_202_ACCEPTED, summary="Watch one more symbol")
async def add_symbol(exchange: TheExchange, asked: SymbolAsked, person: Owner, window: TheWindow) -> CommandShown:
    """A command: the answer says what became of it so far. For everybody (tier 1) only an admin may ask."""
    symbol = symbol_spelled(asked.symbol)
    if symbol is None:
        raise InvalidRequest(f"{asked.symbol!r} is no symbol; one looks like BTC-USD")
    payload = {"symbol": symbol, **_tier(asked.tier, person)}
    return await ordered(window, exchange, CommandAsked(type=CommandType.ADD_SYMBOL, payload=payload), person)


@router.post("/exchanges/{exchange}/symbols/plan", summary="What a pasted list of symbols means")
async def plan_symbols(exchange: TheExchange, asked: SymbolsAsked, person: Owner, window: TheWindow) -> SymbolsPlanned:
    """A verdict for each line; nothing is added yet."""
    _tier(asked.tier, person)
    return await _planned(exchange, asked, window)


@router.post(
    "/exchanges/{exchange}/symbols/import", status_code=status.HTTP_202_ACCEPTED, summary="Watch a list of symbols"
)
async def import_symbols(exchange: TheExchange, asked: SymbolsAsked, person: Owner, window: TheWindow) -> CommandShown:
    """As one command; its result has a verdict for each symbol."""
    tier = _tier(asked.tier, person)
    planned = await _planned(exchange, asked, window)
    if not planned.symbols:
        raise InvalidRequest("nothing in the list can be added; see its plan")
    payload = {"symbols": list(planned.symbols), **tier}
    return await ordered(window, exchange, CommandAsked(type=CommandType.BULK_ADD_SYMBOLS, payload=payload), person)


async def _planned(exchange: ExchangeIdentity, asked: SymbolsAsked, window: Window) -> SymbolsPlanned:
    listing = await _listing(window, exchange)
    traded = {one.symbol for one in listing.symbols if one.is_trading}
    found = verdicts(asked.text, traded, await window.symbols.of(exchange.id, is_afresh=True))
    return SymbolsPlanned(
        verdicts=[VerdictShown.model_validate(one) for one in found],
        symbols=[one.symbol for one in found if one.symbol is not None],
    )


def _tier(tier: int, person: Person) -> dict[str, object]:
    """What a command says of whom a symbol is for."""
    if tier == 1:
        person.check_admin("to watch a symbol for everybody")
        return {"tier": 1}
    return {"tier": 2, "user": str(person.user_id)}


@router.delete(
    "/exchanges/{exchange}/symbols/{symbol}",
    status_code=status.HTTP_202_ACCEPTED,
    summary="Watch a symbol no longer",
)
async def remove_symbol(
    exchange: TheExchange,
    symbol: SymbolName,
    person: Owner,
    window: TheWindow,
    tier: Annotated[int, Query(ge=1, le=2)] = 1,
) -> CommandShown:
    """A command, as adding one is; its alerts stay."""
    payload: dict[str, object] = {"symbol": symbol}
    if tier == 1:
        person.check_admin("to take a symbol away from everybody")
    else:
        payload["user"] = str(person.user_id)
    return await ordered(window, exchange, CommandAsked(type=CommandType.REMOVE_SYMBOL, payload=payload), person)


@router.put("/exchanges/{exchange}/watchlist", status_code=status.HTTP_204_NO_CONTENT, summary="Add to one's watchlist")
async def extend_watchlist(exchange: TheExchange, asked: WatchlistAsked, person: Owner, window: TheWindow) -> Response:
    """Kept at once; an instance takes it in with its next reload of settings."""
    symbols = [_spelled(text) for text in asked.symbols]
    async with transaction(window.pool) as connection:
        await add_to_watchlist(connection, person.user_id, exchange.id, symbols, window.now())
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.delete(
    "/exchanges/{exchange}/watchlist/{symbol}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Take a symbol off one's watchlist",
)
async def shorten_watchlist(exchange: TheExchange, symbol: SymbolName, person: Owner, window: TheWindow) -> Response:
    """What everybody watches stays watched."""
    async with transaction(window.pool) as connection:
        count = await remove_from_watchlist(connection, person.user_id, exchange.id, [_spelled(symbol)])
    if not count:
        raise NotFound(f"{symbol} is not on your watchlist")
    return Response(status_code=status.HTTP_204_NO_CONTENT)


def _spelled(text: str) -> str:
    symbol = symbol_spelled(text)
    if symbol is None:
        raise InvalidRequest(f"{text[:40]!r} is no symbol; one looks like BTC-USD")
    return symbol
