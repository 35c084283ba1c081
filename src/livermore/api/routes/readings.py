"""The market: the readings of a whole exchange in one call, candles with readings, and prices."""

from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Response

from livermore.api.access import READERS, need
from livermore.api.lines import TickerLine, ticker_line
from livermore.api.matrix import matrix_lines
from livermore.api.models.market import CandlePage, CandleShown, Matrix, QualityShown, ReadingShown, TickerShown
from livermore.api.models.shape import Page, said
from livermore.api.scopes import Scope
from livermore.api.window import TheExchange, TheWindow, Window
from livermore.cache.keys import Keys
from livermore.cache.matrix import all_readings, stored_tickers
from livermore.cache.window import ReadCandle, candles_with_readings
from livermore.core.indicators.reading import Reading
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.symbol import checked_symbol, symbol_spelled
from livermore.core.market.timeframe import Timeframe
from livermore.errors import CorruptRecord, InvalidRequest, NotFound

CANDLES: Final = 300
CANDLES_LIMIT: Final = 1_000
CURSOR: Final = r"^\d{1,16}$"

router = APIRouter(tags=["market", "partner"])
_encode = msgspec.json.Encoder().encode

SymbolName = Annotated[str, Path(description="BASE-QUOTE", max_length=40, examples=["BTC-USD"])]


@router.get(
    "/exchanges/{exchange}/readings",
    response_model=Matrix,
    dependencies=[Depends(need(READERS, Scope.READINGS))],
    summary="The newest reading of every symbol on every timeframe",
)
async def list_readings(exchange: TheExchange, window: TheWindow) -> Response:
    """All symbols that an exchange is watched for, with price and readings, in one answer."""
    return Response(
        await matrix_of(window, exchange), media_type="application/json", headers={"Content-Encoding": "identity"}
    )


async def matrix_of(window: Window, exchange: ExchangeIdentity) -> bytes:
    """The matrix of an exchange as JSON.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    keys = window.keys(exchange)
    stored = await all_readings(window.redis, keys)
    given_up = await window.symbols.given_up(exchange.id)
    rows = [row for row in window.shapes.of(exchange.id, stored) if row.symbol not in given_up]
    problems = [problem for row in rows for problem in row.problems]
    prices = await stored_tickers(window.redis, keys, [row.symbol for row in rows])
    tickers = [_ticker(price, row.symbol, problems) for row, price in zip(rows, prices, strict=True)]
    standings = await window.ranks.of(window.redis, window.pool, keys, window.now())
    items = matrix_lines(zip(rows, tickers, strict=True), standings)
    return _encode(
        {
            "exchangeId": exchange.id,
            "exchangeName": exchange.name,
            "time": window.now(),
            "items": items,
            "unreadable": problems,
        }
    )


def _ticker(raw: bytes | None, symbol: str, problems: list[dict[str, str]]) -> TickerLine | None:
    if raw is None:
        return None
    try:
        return ticker_line(raw, symbol)
    except CorruptRecord as exc:
        problems.append({"name": f"ticker of {symbol}", "reason": str(exc)})
        return None


@router.get(
    "/exchanges/{exchange}/tickers",
    dependencies=[Depends(need(READERS, Scope.READINGS))],
    summary="The latest prices of an exchange",
)
async def list_tickers(exchange: TheExchange, window: TheWindow) -> Page[TickerShown]:
    """The latest price of every symbol that had one within a minute."""
    return Page(items=[TickerShown.model_validate(line) for line in await ticker_lines(window, exchange)], next=None)


async def ticker_lines(window: Window, exchange: ExchangeIdentity) -> list[TickerLine]:
    """The latest price of every symbol that had one within a minute.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    symbols = await window.symbols.of(exchange.id)
    prices = await stored_tickers(window.redis, window.keys(exchange), symbols)
    lines = [_ticker(raw, symbol, []) for symbol, raw in zip(symbols, prices, strict=True)]
    return [line for line in lines if line is not None]


@router.get(
    "/exchanges/{exchange}/candles/{symbol}/{timeframe}",
    response_model=CandlePage,
    dependencies=[Depends(need(READERS, Scope.CANDLES))],
    summary="A series of candles with their readings",
)
async def list_candles(
    exchange: TheExchange,
    symbol: SymbolName,
    timeframe: Timeframe,
    window: TheWindow,
    cursor: Annotated[str | None, Query(pattern=CURSOR, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=CANDLES_LIMIT)] = CANDLES,
) -> Response:
    """The newest closed candles, or those before a cursor; the store keeps 1,000 of each series."""
    before = None if cursor is None else int(cursor)
    return said(await candle_page(window, exchange, symbol, timeframe, limit, before))


async def candle_page(
    window: Window, exchange: ExchangeIdentity, symbol: str, timeframe: Timeframe, limit: int, before: int | None
) -> CandlePage:
    """A page of a series.

    Raises:
        InvalidRequest: when the symbol cannot be one.
        NotFound: when it is not watched.
        StoreUnavailable: when Redis cannot be used.
    """
    try:
        checked_symbol(symbol)
    except ValueError as exc:
        raise InvalidRequest(str(exc)) from exc
    keys: Keys = window.keys(exchange)
    found = await candles_with_readings(window.redis, keys, symbol, timeframe, limit + 1, before)
    if not found and before is None:
        await _check_watched(window, exchange, symbol)
    is_more = len(found) > limit
    page = found[-limit:]
    return CandlePage(
        exchange_id=exchange.id,
        exchange_name=exchange.name,
        symbol=symbol,
        timeframe=timeframe,
        items=[candle_shown(one) for one in page],
        next=str(page[0].candle.opened_at) if is_more else None,
    )


async def _check_watched(window: Window, exchange: ExchangeIdentity, symbol: str) -> None:
    """Tell nothing yet from nothing ever: a symbol that is watched may have no candles so far.

    Raises:
        NotFound: when it is not watched.
        StoreUnavailable: when Redis cannot be used.
    """
    standings = await window.ranks.of(window.redis, window.pool, window.keys(exchange), window.now())
    is_known = symbol in standings and standings[symbol].tier is not None
    if not is_known and symbol not in await window.symbols.of(exchange.id):
        meant = symbol_spelled(symbol)
        hint = f"; is {meant} meant?" if meant is not None and meant != symbol else ""
        raise NotFound(f"{symbol} is not watched on {exchange.display_name}{hint}")


def candle_shown(one: ReadCandle) -> CandleShown:
    """A candle with its reading in the API's shape."""
    candle = one.candle
    return CandleShown(
        open_time=candle.opened_at,
        close_time=candle.closes_at,
        open=candle.open,
        high=candle.high,
        low=candle.low,
        close=candle.close,
        volume=candle.volume,
        is_empty=candle.is_empty,
        is_confirmed=candle.is_confirmed,
        revision=candle.revision,
        reading=None if one.reading is None else reading_shown(one.reading),
    )


def reading_shown(reading: Reading) -> ReadingShown:
    """A reading in the API's shape."""
    quality = reading.quality
    return ReadingShown(
        open_time=reading.opened_at,
        close_time=reading.closes_at,
        value=reading.value,
        signal=reading.signal,
        histogram=reading.histogram,
        stage=reading.stage,
        price=reading.price,
        atr=reading.atr26,
        fast_ema=reading.ema12,
        slow_ema=reading.ema26,
        quality=QualityShown(
            candles=quality.candles,
            convergence=quality.convergence,
            empty_ratio=quality.empty_ratio,
            is_confirmed=quality.is_confirmed,
        ),
    )
