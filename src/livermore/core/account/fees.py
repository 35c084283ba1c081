"""What trading has cost: fees of filled orders by symbol, side and month, exact to the last digit.

Fees and volumes are added only where they are in one currency, the quote of their symbols. A fee in the base currency
(Binance charges buyers so) is worth what the fill itself paid for it; one in a third currency (a discount coin) has no
exact worth in the quote and is listed apart, and the rate of its line is unknown, not smaller.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

from livermore.core.account.account import Fill, Side
from livermore.core.account.money import ZERO, percent, ratio, times, total
from livermore.core.market.timeframe import Millis


@dataclass(frozen=True, slots=True)
class FeeLine:
    """Fees of the fills that have `symbol`, `side` and `month` in common; what is None was not looked at.

    `volume` and `fees` are in `currency`. `elsewhere` are fees in third currencies, by name.
    """

    currency: str
    symbol: str | None
    side: Side | None
    month: str | None
    orders: int
    fills: int
    volume: Decimal
    fees: Decimal
    elsewhere: tuple[tuple[str, Decimal], ...] = ()

    @property
    def rate_percent(self) -> Decimal | None:
        """The effective rate: fees in percent of the volume; None where a fee is in another currency."""
        return None if self.elsewhere else percent(self.fees, self.volume)

    @property
    def fee_per_order(self) -> Decimal | None:
        """The mean fee of an order; None where a fee is in another currency."""
        return None if self.elsewhere else ratio(self.fees, Decimal(self.orders))


@dataclass(frozen=True, slots=True)
class FeeReport:
    """The same fees seen in five ways; each adds up to `totals`, of which there is one line for each currency.

    `lines` are by symbol, side and month; `sides` by symbol and side; `symbols` has the most expensive first.
    """

    lines: tuple[FeeLine, ...]
    sides: tuple[FeeLine, ...]
    symbols: tuple[FeeLine, ...]
    months: tuple[FeeLine, ...]
    totals: tuple[FeeLine, ...]


_Key: TypeAlias = tuple[str | None, Side | None, str | None]


def fee_report(fills: Iterable[Fill]) -> FeeReport:
    """The fees of these fills, each fill counted once however often it is given."""
    known = list({(fill.symbol, fill.id): fill for fill in fills}.values())
    symbols = _grouped(known, lambda fill: (fill.symbol, None, None))
    return FeeReport(
        lines=_grouped(known, lambda fill: (fill.symbol, fill.side, month_of(fill.filled_at))),
        sides=_grouped(known, lambda fill: (fill.symbol, fill.side, None)),
        symbols=tuple(sorted(symbols, key=lambda line: (line.currency, -line.fees, line.symbol))),
        months=_grouped(known, lambda fill: (None, None, month_of(fill.filled_at))),
        totals=_grouped(known, lambda _: (None, None, None)),
    )


def month_of(instant: Millis) -> str:
    """The month of an instant in UTC.

    >>> month_of(1_795_305_600_000)
    '2026-11'
    """
    return f"{datetime.fromtimestamp(instant // 1_000, UTC):%Y-%m}"


def fee_in_quote(fill: Fill) -> Decimal | None:
    """The fee in the quote currency, None where it is in neither currency of the symbol."""
    if fill.fee_currency == fill.quote or not fill.fee:
        return fill.fee
    return times(fill.fee, fill.price) if fill.fee_currency == fill.base else None


def _grouped(fills: Iterable[Fill], key_of: Callable[[Fill], _Key]) -> tuple[FeeLine, ...]:
    groups: dict[tuple[str, _Key], list[Fill]] = {}
    for fill in fills:
        groups.setdefault((fill.quote, key_of(fill)), []).append(fill)
    return tuple(_line(currency, key, groups[currency, key]) for currency, key in sorted(groups, key=_order))


def _order(group: tuple[str, _Key]) -> tuple[str, ...]:
    """By currency, symbol, side (buying comes first) and month."""
    currency, (symbol, side, month) = group
    return currency, symbol or "", side or "", month or ""


def _line(currency: str, key: _Key, fills: list[Fill]) -> FeeLine:
    fees = [fee_in_quote(fill) for fill in fills]
    foreign = [fill for fill, fee in zip(fills, fees, strict=True) if fee is None]
    elsewhere = {fill.fee_currency: ZERO for fill in foreign}
    for name in elsewhere:
        elsewhere[name] = total(fill.fee for fill in foreign if fill.fee_currency == name)
    return FeeLine(
        currency,
        *key,
        orders=len({(fill.symbol, fill.order_id) for fill in fills}),
        fills=len(fills),
        volume=total(fill.value for fill in fills),
        fees=total(fee for fee in fees if fee is not None),
        elsewhere=tuple(sorted(elsewhere.items())),
    )
