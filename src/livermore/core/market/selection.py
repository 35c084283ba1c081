"""Which symbols of an exchange everybody watches: the most traded ones that mean something."""

from collections.abc import Iterable
from typing import Final

from livermore.core.market.instrument import Instrument

DOLLARS: Final = frozenset({"USD", "USDT", "USDC"})
"""The quotes in which volumes can be compared: a dollar, near enough."""

STABLE: Final = DOLLARS | frozenset(
    {"BUSD", "DAI", "EUR", "EURC", "EURI", "FDUSD", "FRAX", "GBP", "GUSD", "LUSD", "PAX", "PYUSD", "RLUSD", "SUSD"}
    | {"TUSD", "USD1", "USDE", "USDG", "USDP", "USDS", "UST", "XUSD"}
)
"""Coins that are tied to a currency: they do not move, or the exchange is in trouble."""


def most_traded(instruments: Iterable[Instrument], count: int) -> tuple[str, ...]:
    """The `count` symbols with the largest dollar volume of the last day, the largest first.

    Stable coins, suspended symbols, and quotes other than dollars are left out; of several dollar quotes of one base
    only the most traded is kept. Where the listing tells no volume it counts as none; ties go by name.
    """
    best: dict[str, Instrument] = {}
    for instrument in instruments:
        if not instrument.is_trading or instrument.quote not in DOLLARS or instrument.base in STABLE:
            continue
        held = best.get(instrument.base)
        if held is None or _rank(instrument) < _rank(held):
            best[instrument.base] = instrument
    return tuple(instrument.symbol for instrument in sorted(best.values(), key=_rank)[:count])


def _rank(instrument: Instrument) -> tuple[float, str]:
    return -(instrument.quote_volume_24h or 0.0), instrument.symbol
