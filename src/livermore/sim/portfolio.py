"""What the owner of the simulated keys holds and has traded: a function of the seed, the market and the instant.

Each week brings a few orders in the most liquid products, at the market's own prices, filled in one to three parts.
What is bought is paid, what is sold was held before, and fees are charged, so that balances and fills always agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Context, Decimal
from typing import Final

from livermore.core.market.timeframe import DAY, SECOND, Millis
from livermore.sim.instruments import Listed
from livermore.sim.market import Market
from livermore.sim.noise import chance_of

WEEK: Final[Millis] = 7 * DAY
HISTORY_FROM: Final[Millis] = 1_767_571_200_000
"""A Monday, 2026-01-05: the account was opened then, or half a year before a market that begins earlier."""

MOST_WEEKS: Final = 520
_WEEKS_BEFORE: Final = 26
_PRODUCTS: Final = 6
_CHANCE_OF_ORDER: Final = 0.35
_CHANCE_OF_BUYING: Final = 0.6
_FIRST_CASH: Final = Decimal(50_000)
_MOST_PARTS: Final = 3
_EXACT: Final = Context(prec=120, rounding=ROUND_DOWN)
_FEE_PLACES: Final = Decimal("1E-16")


@dataclass(frozen=True, slots=True)
class FeePlan:
    """What an exchange charges: fractions of the worth of a fill, of buyers in the base currency if it says so."""

    maker: Decimal
    taker: Decimal
    buyers_pay_in_base: bool


@dataclass(frozen=True, slots=True)
class SimFill:
    """One execution; `number` counts the account's fills from 1, `order` its orders. Amounts are in whole units."""

    number: int
    order: int
    listed: Listed
    is_buy: bool
    is_maker: bool
    at: Millis
    price: Decimal
    size: Decimal
    value: Decimal
    fee: Decimal
    fee_currency: str


@dataclass(slots=True)
class _Wish:
    """An order that somebody means to place."""

    listed: Listed
    week: int
    at: Millis


@dataclass(slots=True)
class SimPortfolio:
    """The account behind all keys of one exchange."""

    market: Market
    seed: int
    plan: FeePlan
    opened_at: Millis
    fills: list[SimFill] = field(default_factory=list)
    _balance: dict[str, Decimal] = field(default_factory=dict)
    _week: int = 0
    _wishes: list[_Wish] = field(default_factory=list)

    def __post_init__(self) -> None:
        for listed in self._traded():
            self._balance.setdefault(listed.quote, _FIRST_CASH)
        for currency, quantity in self._gifts():
            self._balance[currency] = self._balance.get(currency, Decimal(0)) + quantity

    def fills_until(self, now: Millis) -> list[SimFill]:
        """All fills up to `now`, oldest first."""
        for wish in self._due(now):
            self._place(wish)
        return self.fills

    def balances_at(self, now: Millis) -> dict[str, tuple[Decimal, Decimal]]:
        """What is available and what is held for open orders, by currency."""
        self.fills_until(now)
        found = {currency: (quantity, Decimal(0)) for currency, quantity in self._balance.items()}
        # A tenth of the first coin waits in an order.
        for listed in self._traded()[:1]:
            available, _ = found.get(listed.base, (Decimal(0), Decimal(0)))
            waiting = _EXACT.quantize(available / 10, Decimal(1).scaleb(-listed.size_decimals))
            found[listed.base] = (available - waiting, waiting)
        return found

    def _traded(self) -> list[Listed]:
        return [listed for listed in self.market.listed if listed.is_trading][:_PRODUCTS]

    def _gifts(self) -> Iterator[tuple[str, Decimal]]:
        """What was there before: a coin that is traded no more, a stable coin, and a speck of dust."""
        traded = [listed for listed in self.market.listed if listed.is_trading]
        yield from ((listed.base, Decimal(40)) for listed in self.market.listed if not listed.is_trading)
        yield traded[-1].base, Decimal(250)
        yield traded[-2 if len(traded) > 1 else -1].base, Decimal("0.0001")

    def _due(self, now: Millis) -> Iterator[_Wish]:
        """The wishes that were due by `now` and have not been seen yet, in order."""
        while True:
            while self._wishes:
                if self._wishes[0].at + _MOST_PARTS * SECOND > now:
                    return
                yield self._wishes.pop(0)
            begins = self.opened_at + self._week * WEEK
            if begins > now or self._week >= MOST_WEEKS:
                return
            self._wishes = sorted(self._wished(self._week, begins), key=lambda wish: (wish.at, wish.listed.product))
            self._week += 1

    def _wished(self, week: int, begins: Millis) -> Iterator[_Wish]:
        for listed in self._traded():
            if self._chance("order", listed, week) < _CHANCE_OF_ORDER:
                yield _Wish(listed, week, begins + int(self._chance("when", listed, week) * WEEK))

    def _place(self, wish: _Wish) -> None:
        listed = wish.listed
        price = self.market.close_before(listed, wish.at)
        if not price:
            return
        held = self._balance.get(listed.base, Decimal(0))
        share = Decimal(str(round(self._chance("share", listed, wish.week), 4)))
        is_buy = self._chance("side", listed, wish.week) < _CHANCE_OF_BUYING or not held
        if is_buy:
            cash = self._balance[listed.quote]
            budget = min(Decimal(100) + 1_900 * share, cash * Decimal("0.9"))
            units = int(budget * 10 ** (listed.price_decimals + listed.size_decimals) / price)
        else:
            units = int(held * (Decimal("0.3") + Decimal("0.7") * share) * 10**listed.size_decimals)
        if units:
            self._fill(wish, price, units, is_buy=is_buy)

    def _fill(self, wish: _Wish, price: int, units: int, *, is_buy: bool) -> None:
        listed = wish.listed
        parts = min(units, 1 + int(self._chance("parts", listed, wish.week) * _MOST_PARTS))
        order = self.fills[-1].order + 1 if self.fills else 1
        for part in range(parts):
            size = units // parts + (units % parts if part == 0 else 0)
            is_maker = self._chance("maker", listed, wish.week, part) < 0.5
            # Each part finds a slightly worse price than the one before.
            worse = price + (part if is_buy else -part)
            at = wish.at + part * SECOND
            self._book(wish.listed, order, at, max(1, worse), size, is_buy=is_buy, is_maker=is_maker)

    def _book(
        self, listed: Listed, order: int, at: Millis, price: int, size: int, *, is_buy: bool, is_maker: bool
    ) -> None:
        paid = Decimal(price).scaleb(-listed.price_decimals)
        quantity = Decimal(size).scaleb(-listed.size_decimals)
        value = _EXACT.multiply(paid, quantity)
        in_base = is_buy and self.plan.buyers_pay_in_base
        rate = self.plan.maker if is_maker else self.plan.taker
        fee = _EXACT.quantize(_EXACT.multiply(quantity if in_base else value, rate), _FEE_PLACES)
        fee = _trimmed(fee, 8) if self.plan.buyers_pay_in_base else fee
        sign = 1 if is_buy else -1
        currency = listed.base if in_base else listed.quote
        for changed, by in ((listed.base, sign * quantity), (listed.quote, -sign * value), (currency, -fee)):
            self._balance[changed] = _EXACT.add(self._balance.get(changed, Decimal(0)), by)
        number = len(self.fills) + 1
        self.fills.append(SimFill(number, order, listed, is_buy, is_maker, at, paid, quantity, value, fee, currency))

    def _chance(self, what: str, listed: Listed, *numbers: int) -> float:
        return chance_of(self.seed, "account", self.market.exchange, what, listed.symbol, *numbers)


def opened_at(started_at: Millis) -> Millis:
    """When the account of a simulation that begins at `started_at` was opened."""
    if started_at >= HISTORY_FROM + 8 * WEEK:
        return HISTORY_FROM
    return max(0, started_at - started_at % WEEK - _WEEKS_BEFORE * WEEK)


def _trimmed(value: Decimal, places: int) -> Decimal:
    return _EXACT.quantize(value, Decimal(1).scaleb(-places))
