"""What somebody holds, what it is worth, what it has cost and how its markets look.

Two steps, as they happen at different times: `holdings_of` folds balances and fills when an account is read, and
`portfolio_of` values what was stored whenever somebody looks. What has no price has no value, and says so: it is never
counted as worthless.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from livermore.core.account.account import Balance, Fill, Side
from livermore.core.account.account_json import Json
from livermore.core.account.fees import fee_in_quote
from livermore.core.account.money import DIVIDED, EXACT, ZERO, percent, ratio, times, total
from livermore.core.account.outlook import Outlook, outlook_of
from livermore.core.market.instrument import Instrument
from livermore.core.market.selection import DOLLARS
from livermore.core.market.timeframe import Millis, Timeframe

DUST: Final = Decimal(1)
"""What is worth less than a dollar is dust: it counts, but lists may leave it out."""

ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Holding:
    """A currency in an account and what its fills say of it.

    `covered` is the part of `quantity` that the known fills explain, and `cost` what that part was bought for in
    dollars with fees: the rest was deposited, earned, or bought before the oldest fill, at a price nobody told. `cost`
    is None where nothing is covered. `realised` is what sales have gained over the average cost, in dollars.
    """

    currency: str
    quantity: Decimal
    available: Decimal
    covered: Decimal = ZERO
    cost: Decimal | None = None
    realised: Decimal = ZERO
    last_fill_at: Millis | None = None

    @property
    def average_cost(self) -> Decimal | None:
        """The average price paid for one, fees included."""
        return None if self.cost is None else ratio(self.cost, self.covered)


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """What is kept of an account: holdings, the market that each currency is watched on, and fees in JSON's types."""

    holdings: Sequence[Holding]
    symbols: Mapping[str, str]
    fees: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class HoldingView:
    """A holding at present prices, in dollars; what is None is not known.

    `gain` compares the covered part with its cost. `symbol` is the market that `values` and `outlook` are of.
    """

    holding: Holding
    symbol: str | None
    price: Decimal | None
    value: Decimal | None
    share_percent: Decimal | None
    gain: Decimal | None
    gain_percent: Decimal | None
    is_dust: bool
    values: tuple[tuple[Timeframe, float | None], ...]
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All holdings, the most valuable first and those without a price last, with their sums in dollars.

    `value` is that of the priced holdings, `unpriced` names the others. `cost` and `gain` are over covered parts.
    """

    holdings: tuple[HoldingView, ...]
    value: Decimal
    cost: Decimal
    gain: Decimal
    gain_percent: Decimal | None
    unpriced: tuple[str, ...]


@dataclass(slots=True)
class _Book:
    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realised: Decimal = ZERO
    last_fill_at: Millis | None = None

    def book(self, fill: Fill) -> None:
        self.last_fill_at = fill.filled_at
        fee = fee_in_quote(fill) or ZERO
        if fill.side is Side.BUY:
            # A fee taken from what was bought leaves less of it, at the full price.
            taken = fill.fee if fill.fee_currency == fill.base else ZERO
            self.quantity = EXACT.add(self.quantity, EXACT.subtract(fill.size, taken))
            self.cost = total((self.cost, fill.value, ZERO if taken else fee))
            return
        # More may be sold than was seen bought: what was deposited has no cost to compare with.
        sold = min(fill.size, self.quantity)
        part = ratio(sold, self.quantity) or ZERO
        cost = DIVIDED.multiply(self.cost, part)
        earned = DIVIDED.multiply(EXACT.subtract(fill.value, fee), ratio(sold, fill.size) or ZERO)
        self.realised = DIVIDED.add(self.realised, DIVIDED.subtract(earned, cost))
        self.quantity = EXACT.subtract(self.quantity, sold)
        self.cost = DIVIDED.subtract(self.cost, cost) if self.quantity else ZERO


def holdings_of(balances: Iterable[Balance], fills: Iterable[Fill]) -> tuple[Holding, ...]:
    """What is held, by currency, with the average cost that the fills against dollars tell.

    Fills against other currencies are passed over: their cost is not known in dollars. A fee in a third currency is no
    part of the cost. Several accounts in one currency are added; empty ones are left out.
    """
    books: dict[str, _Book] = {}
    for fill in sorted(fills, key=lambda fill: (fill.filled_at, fill.id)):
        if fill.quote in DOLLARS and fill.size > 0:
            books.setdefault(fill.base, _Book()).book(fill)
    held: dict[str, list[Balance]] = {}
    for balance in balances:
        held.setdefault(balance.currency, []).append(balance)
    holdings = (_holding(currency, held[currency], books.get(currency)) for currency in sorted(held))
    return tuple(holding for holding in holdings if holding.quantity)


def _holding(currency: str, balances: list[Balance], book: _Book | None) -> Holding:
    quantity = total(balance.quantity for balance in balances)
    available = total(balance.available for balance in balances)
    if book is None:
        return Holding(currency, quantity, available)
    covered = max(ZERO, min(quantity, book.quantity))
    cost = DIVIDED.multiply(book.cost, ratio(covered, book.quantity) or ZERO) if covered else None
    return Holding(currency, quantity, available, covered, cost, book.realised, book.last_fill_at)


def dollar_markets(instruments: Iterable[Instrument], currencies: Iterable[str]) -> dict[str, str]:
    """The open market of each currency against dollars, where it has one; the most traded where there are several."""
    wanted = set(currencies) - DOLLARS
    found: dict[str, Instrument] = {}
    for one in instruments:
        if one.base not in wanted or one.quote not in DOLLARS or not one.is_trading:
            continue
        known = found.get(one.base)
        if known is None or (one.quote_volume_24h or 0.0) > (known.quote_volume_24h or 0.0):
            found[one.base] = one
    return {currency: instrument.symbol for currency, instrument in sorted(found.items())}


def portfolio_of(
    holdings: Iterable[Holding],
    price_by_symbol: Mapping[str, Decimal],
    values_by_symbol: Mapping[str, Mapping[Timeframe, float | None]],
) -> Portfolio:
    """The holdings at the present prices of their dollar markets, with the MACD-V of each on every timeframe.

    A dollar, of whatever kind, is worth a dollar. Of several dollar markets of a currency the first that has a price
    counts, by name of the quote: USD, USDC, USDT.
    """
    known = list(holdings)
    quoted = {holding.currency: _price(holding.currency, price_by_symbol, values_by_symbol) for holding in known}
    worth = {
        holding.currency: times(holding.quantity, price)
        for holding in known
        if (price := quoted[holding.currency][1]) is not None
    }
    value = total(worth.values())
    views = [_view(holding, *quoted[holding.currency], value, values_by_symbol) for holding in known]
    views.sort(key=lambda view: (view.value is None, -(view.value or ZERO), view.holding.currency))
    gains = [view for view in views if view.gain is not None]
    cost = total(view.holding.cost or ZERO for view in gains)
    gain = total(view.gain or ZERO for view in gains)
    unpriced = tuple(view.holding.currency for view in views if view.value is None)
    return Portfolio(tuple(views), value, cost, gain, percent(gain, cost), unpriced)


def _price(
    currency: str, price_by_symbol: Mapping[str, Decimal], values_by_symbol: Mapping[str, object]
) -> tuple[str | None, Decimal | None]:
    """The symbol to look at and the price, each None where there is none."""
    if currency in DOLLARS:
        return None, ONE
    symbols = [f"{currency}-{quote}" for quote in sorted(DOLLARS)]
    symbol = next((one for one in symbols if one in price_by_symbol), None)
    if symbol is not None:
        return symbol, price_by_symbol[symbol]
    return next((one for one in symbols if one in values_by_symbol), None), None


def _view(
    holding: Holding,
    symbol: str | None,
    price: Decimal | None,
    whole: Decimal,
    values_by_symbol: Mapping[str, Mapping[Timeframe, float | None]],
) -> HoldingView:
    values = values_by_symbol.get(symbol, {}) if symbol else {}
    value = None if price is None else times(holding.quantity, price)
    gain = None
    if price is not None and holding.cost is not None:
        gain = EXACT.subtract(times(holding.covered, price), holding.cost)
    return HoldingView(
        holding,
        symbol,
        price,
        value,
        share_percent=None if value is None else percent(value, whole),
        gain=gain,
        gain_percent=None if gain is None or holding.cost is None else percent(gain, holding.cost),
        is_dust=value is not None and value < DUST,
        values=tuple((timeframe, values.get(timeframe)) for timeframe in Timeframe),
        outlook=outlook_of(values),
    )
