"""Signals across exchanges: spreads that all costs leave, and who says a thing first."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query

from livermore.api.access import READERS, need
from livermore.api.lines import TickerLine
from livermore.api.models.cross import CrossSignals, LeadShown, SideShown, SpreadShown
from livermore.api.routes.readings import ticker_lines
from livermore.api.scopes import Scope
from livermore.api.window import EXCHANGES, TheWindow, Window
from livermore.cache.readers import Unreadable, newest_alerts
from livermore.core.alerts.alert import Alert
from livermore.core.alerts.cross import Lead, Quote, Spread, dollar_rates, leads, spreads
from livermore.core.market.ticker import Ticker
from livermore.database.connect import transaction
from livermore.database.exchanges import list_exchanges

ALERTS_COMPARED: Final = 500
MOST_SHOWN: Final = 100
LEAST_NET_PERCENT: Final = 0.1
SLIPPAGE: Final = 0.0005
NAMES: Final = {exchange.id: exchange.name for exchange in EXCHANGES}

router = APIRouter(tags=["market", "partner"])


@router.get(
    "/signals/cross",
    dependencies=[Depends(need(READERS, Scope.READINGS))],
    summary="Spreads between exchanges, and who leads",
)
async def list_cross_signals(
    window: TheWindow,
    least_net_percent: Annotated[float, Query(alias="leastNetPercent", ge=-100, le=100)] = LEAST_NET_PERCENT,
    slippage: Annotated[float, Query(ge=0, le=0.1, description="a share lost on each side")] = SLIPPAGE,
) -> CrossSignals:
    """From the latest prices and the newest alerts of all exchanges; each price must be fresh."""
    return await cross_signals(window, least_net_percent, slippage)


async def cross_signals(
    window: Window, least_net_percent: float = LEAST_NET_PERCENT, slippage: float = SLIPPAGE
) -> CrossSignals:
    """The signals across exchanges as they are now.

    Raises:
        StoreUnavailable: when a store cannot be used.
    """
    fees = await _taker_fees(window)
    quotes = [
        Quote(exchange.id, _ticker(line), fees.get(exchange.id, 0.0))
        for exchange in EXCHANGES
        for line in await ticker_lines(window, exchange)
    ]
    # By the exchanges' own clocks: the newest price of all tells what time it is on the market.
    now = max((quote.ticker.at for quote in quotes), default=window.now())
    rates = dollar_rates(quotes, now)
    found = spreads(quotes, rates, now, least_net_percent=least_net_percent, slippage=slippage)
    heard: list[Alert] = []
    for exchange in EXCHANGES:
        streamed = await newest_alerts(window.redis, window.keys(exchange), ALERTS_COMPARED)
        heard += [one.alert for one in streamed if not isinstance(one.alert, Unreadable)]
    return CrossSignals(
        time=now,
        least_net_percent=least_net_percent,
        slippage=slippage,
        rates=rates,
        spreads=[_spread_shown(one) for one in found[:MOST_SHOWN]],
        leads=[_lead_shown(one) for one in leads(heard)[:MOST_SHOWN]],
    )


async def _taker_fees(window: Window) -> Mapping[int, float]:
    async with transaction(window.pool) as connection:
        return {row.id: float(row.taker_fee) for row in await list_exchanges(connection)}


def _ticker(line: TickerLine) -> Ticker:
    return Ticker(line.symbol, line.time, line.price, bid=line.bid, ask=line.ask)


def _spread_shown(spread: Spread) -> SpreadShown:
    return SpreadShown(
        base=spread.base,
        buy=_side(spread.buy, spread.buy_price),
        sell=_side(spread.sell, spread.sell_price),
        gross_percent=spread.gross_percent,
        net_percent=spread.net_percent,
    )


def _side(quote: Quote, price: float) -> SideShown:
    return SideShown(
        exchange_id=quote.exchange_id,
        exchange_name=NAMES[quote.exchange_id],
        symbol=quote.ticker.symbol,
        price_usd=price,
        taker_fee=quote.taker_fee,
        time=quote.ticker.at,
    )


def _lead_shown(lead: Lead) -> LeadShown:
    return LeadShown(
        base=lead.base,
        timeframe=lead.timeframe,
        label=lead.label,
        leader_exchange=lead.leader.exchange.name,
        leader_alert_id=lead.leader.id,
        follower_exchange=lead.follower.exchange.name,
        follower_alert_id=lead.follower.id,
        lag_ms=lead.lag,
        time=lead.follower.closes_at,
    )
