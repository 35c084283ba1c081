"""What two exchanges say of the same asset: prices further apart than it costs to use them, and who speaks first.

These are signals for people. Nothing is traded, and nobody's book is looked at: a spread is what the latest bid and ask
(or the latest price, where an exchange tells no more) leave after the taker fees of both sides and a slippage.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import SECOND, Millis, Timeframe

DOLLARS: Final = "USD"
FRESH_FOR: Final[Millis] = 10 * SECOND
# Two assets that share a ticker symbol are not the same asset; no real spread is that wide.
WIDEST_PERCENT: Final = 25.0
LONGEST_LEAD_CANDLES: Final = 10
PERCENT: Final = 100.0


@dataclass(frozen=True, slots=True)
class Quote:
    """The latest ticker of one exchange, by its number, and the share of a trade that it takes as fee (0.006)."""

    exchange_id: int
    ticker: Ticker
    taker_fee: float

    @property
    def base(self) -> str:
        """The asset that is quoted."""
        return self.ticker.symbol.partition("-")[0]

    @property
    def currency(self) -> str:
        """What it is quoted in."""
        return self.ticker.symbol.partition("-")[2]


@dataclass(frozen=True, slots=True)
class Spread:
    """Buying at one exchange and selling at the other, per unit in dollars; per cents are of what is paid."""

    base: str
    buy: Quote
    sell: Quote
    buy_price: float
    sell_price: float
    gross_percent: float
    net_percent: float


@dataclass(frozen=True, slots=True)
class Lead:
    """The same label on the same asset and timeframe, first on one exchange and `lag` later on another."""

    base: str
    timeframe: Timeframe
    label: str
    leader: Alert
    follower: Alert
    lag: Millis


def dollar_rates(quotes: Iterable[Quote], now: Millis) -> dict[str, float]:
    """What a unit of each currency is worth in dollars, as far as a fresh ticker ``CURRENCY-USD`` says so.

    Where several exchanges say it, their mean; the dollar itself is worth 1.
    """
    prices: dict[str, list[float]] = defaultdict(list)
    for quote in quotes:
        if quote.currency == DOLLARS and is_fresh(quote, now):
            prices[quote.base].append(quote.ticker.price)
    return {**{base: sum(all_of) / len(all_of) for base, all_of in prices.items()}, DOLLARS: 1.0}


def is_fresh(quote: Quote, now: Millis) -> bool:
    """Whether its price may be relied on at `now`."""
    return now - quote.ticker.at <= FRESH_FOR


def spreads(
    quotes: Sequence[Quote], rates: Mapping[str, float], now: Millis, *, least_net_percent: float, slippage: float
) -> tuple[Spread, ...]:
    """The spreads of at least `least_net_percent`, the widest first; `slippage` is a share lost on each side (0.0005).

    Stale prices, and prices in a currency whose worth is not known, take no part.
    """
    by_base: dict[str, list[Quote]] = defaultdict(list)
    for quote in quotes:
        if quote.currency in rates and is_fresh(quote, now):
            by_base[quote.base].append(quote)
    found = [
        spread
        for same in by_base.values()
        for buy, sell in permutations(same, 2)
        if buy.exchange_id != sell.exchange_id
        and (spread := _spread(buy, sell, rates, slippage)).net_percent >= least_net_percent
        and spread.gross_percent <= WIDEST_PERCENT
    ]
    return tuple(sorted(found, key=lambda spread: (-spread.net_percent, spread.base)))


def _spread(buy: Quote, sell: Quote, rates: Mapping[str, float], slippage: float) -> Spread:
    asked = buy.ticker.price if buy.ticker.ask is None else buy.ticker.ask
    offered = sell.ticker.price if sell.ticker.bid is None else sell.ticker.bid
    paid, got = asked * rates[buy.currency], offered * rates[sell.currency]
    net = got * (1 - sell.taker_fee - slippage) / (paid * (1 + buy.taker_fee + slippage)) - 1
    return Spread(buy.base, buy, sell, paid, got, (got / paid - 1) * PERCENT, net * PERCENT)


def leads(alerts: Iterable[Alert]) -> tuple[Lead, ...]:
    """Who said it first: pairs of equal labels within ten candles of each other, the newest follower first.

    Each alert follows the latest one of its kind on every other exchange; a retracted one was never true.
    """
    latest: dict[tuple[str, Timeframe, str], dict[int, Alert]] = defaultdict(dict)
    found: list[Lead] = []
    for alert in sorted(alerts, key=lambda one: (one.closes_at, one.exchange.id, one.id)):
        if alert.status is AlertStatus.RETRACTED:
            continue
        base = alert.symbol.partition("-")[0]
        heard = latest[base, alert.timeframe, alert.label]
        for exchange_id, before in heard.items():
            lag = alert.closes_at - before.closes_at
            if exchange_id != alert.exchange.id and lag <= LONGEST_LEAD_CANDLES * alert.timeframe.millis:
                found.append(Lead(base, alert.timeframe, alert.label, before, alert, lag))
        heard[alert.exchange.id] = alert
    return tuple(reversed(found))
