"""What one holds on an exchange, at present prices, with the MACD-V of each holding, and what trading has cost."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import ValidationError

from livermore.api.access import PEOPLE, need
from livermore.api.auth.person import Person
from livermore.api.lines import reading_line
from livermore.api.models.account import HoldingShown, PortfolioShown
from livermore.api.models.fees import FeesShown
from livermore.api.routes.readings import ticker_lines
from livermore.api.window import TheExchange, TheWindow, Window
from livermore.cache.matrix import stored_readings
from livermore.core.account.portfolio import HoldingView, portfolio_of
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.selection import DOLLARS
from livermore.core.market.timeframe import Timeframe
from livermore.database.connect import transaction
from livermore.database.positions import Position, fees_of, positions_of
from livermore.errors import CorruptRecord

router = APIRouter(tags=["account"])
Owner = Annotated[Person, Depends(need(PEOPLE))]

NEVER_READ: Final[Mapping[str, Any]] = {
    "tier": {"name": None, "makerRate": None, "takerRate": None, "volume30d": None, "fees30d": None},
    "fills": 0,
    "remarks": [],
    "fees": {"lines": [], "sides": [], "symbols": [], "months": [], "totals": [], "isCut": False},
}


@router.get("/account/exchanges/{exchange}/portfolio", summary="What one holds on an exchange")
async def show_portfolio(exchange: TheExchange, person: Owner, window: TheWindow) -> PortfolioShown:
    """As the instance last read it (sync-accounts reads it anew), valued at present prices."""
    async with transaction(window.pool) as connection:
        held = [one for one in await positions_of(connection, person.user_id) if one.exchange_id == exchange.id]
        fees = await fees_of(connection, person.user_id, exchange.id)
    # Who holds nothing has been read all the same if their fees were: both are read in one go.
    read_at = None if fees is None else fees.read_at
    prices = {line.symbol: Decimal(repr(line.price)) for line in await ticker_lines(window, exchange)}
    symbols = sorted({f"{one.currency}-{quote}" for one in held for quote in DOLLARS})
    portfolio = portfolio_of((one.holding for one in held), prices, await _values(window, exchange, symbols))
    by_currency = {one.currency: one for one in held}
    synced_at = max((one.synced_at for one in held), default=read_at)
    is_known = synced_at is not None
    return PortfolioShown(
        exchange_id=exchange.id,
        exchange_name=exchange.name,
        time=window.now(),
        synced_at=synced_at,
        items=[_shown(view, by_currency[view.holding.currency]) for view in portfolio.holdings],
        value=portfolio.value if is_known else None,
        cost=portfolio.cost if is_known else None,
        gain=portfolio.gain if is_known else None,
        gain_percent=portfolio.gain_percent,
        unpriced=portfolio.unpriced,
    )


@router.get("/account/exchanges/{exchange}/fees", summary="What trading on an exchange has cost one")
async def show_fees(exchange: TheExchange, person: Owner, window: TheWindow) -> FeesShown:
    """As the instance last read it (sync-accounts reads it anew): the present tier, and fees of filled orders.

    An account that was never read has no `readAt`, and nothing else either.
    """
    async with transaction(window.pool) as connection:
        found = await fees_of(connection, person.user_id, exchange.id)
    document, read_at = (NEVER_READ, None) if found is None else (found.document, found.read_at)
    try:
        return FeesShown.model_validate(
            {**document, "exchangeId": exchange.id, "exchangeName": exchange.name, "readAt": read_at}
        )
    except ValidationError as exc:
        raise CorruptRecord(
            f"what is kept of fees at {exchange.name} is not ours ({exc.error_count()} faults)"
        ) from exc


async def _values(
    window: Window, exchange: ExchangeIdentity, symbols: list[str]
) -> dict[str, dict[Timeframe, float | None]]:
    stored = await stored_readings(window.redis, window.keys(exchange), symbols)
    found: dict[str, dict[Timeframe, float | None]] = {}
    width = len(Timeframe)
    for index, symbol in enumerate(symbols):
        for timeframe, raw in zip(Timeframe, stored[index * width : (index + 1) * width], strict=True):
            try:
                line = None if raw is None else reading_line(raw, symbol)
            except CorruptRecord:
                # The matrix names it; here the value is not known.
                line = None
            if line is not None:
                found.setdefault(symbol, {})[timeframe] = line.value
    return found


def _shown(view: HoldingView, position: Position) -> HoldingShown:
    holding = view.holding
    return HoldingShown(
        exchange_id=position.exchange_id,
        currency=holding.currency,
        symbol=view.symbol or position.symbol,
        quantity=holding.quantity,
        available=holding.available,
        price=view.price,
        value=view.value,
        share_percent=view.share_percent,
        average_cost=holding.average_cost,
        cost=holding.cost,
        gain=view.gain,
        gain_percent=view.gain_percent,
        realised=holding.realised,
        is_dust=view.is_dust,
        values=dict(view.values),
        outlook=view.outlook,
        synced_at=position.synced_at,
    )
