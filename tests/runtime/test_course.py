"""Which symbols an instance watches, by what is written down, what is set and what the exchange lists."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from livermore.core.account.settings import Settings, SymbolSettings
from livermore.core.account.symbols import MonitoredSymbol
from livermore.core.market.instrument import Instrument
from livermore.core.watch import AlertsOn, Mode
from livermore.errors import ExchangeRefused
from livermore.runtime.course import Course, Defaults
from runtime.fakes import FakeClock, FakeExchange

WRITTEN = ("BTC-USD", "ETH-USD", "GONE-USD")


class Venue(FakeExchange):
    """An exchange that lists two symbols, of which some may be halted."""

    def __init__(self, *halted: str) -> None:
        super().__init__()
        self.halted = halted

    async def instruments(self) -> tuple[Instrument, ...]:
        """What is listed."""
        return tuple(
            Instrument(name, name, name.removesuffix("-USD"), "USD", name not in self.halted, 1e6)
            for name in ("BTC-USD", "ETH-USD")
        )


class Rows:
    """A directory that has these symbols written down."""

    def __init__(self, *symbols: str) -> None:
        self.rows = tuple(MonitoredSymbol(symbol) for symbol in symbols)

    async def symbols(self, _: int) -> tuple[MonitoredSymbol, ...]:
        """What is written down."""
        return self.rows

    async def held_symbols(self, _: int) -> tuple[str, ...]:
        """One of them."""
        return ("ETH-USD",)


class Desk:
    """A course over a directory, and what it has reported."""

    def __init__(self, *symbols: str) -> None:
        self.reports: list[tuple[str, str]] = []
        directory: Any = Rows(*symbols)
        defaults = Defaults(10, AlertsOn.CLOSED, False, self.remembered, self.keep)
        self.course = Course(defaults, directory, FakeClock(), lambda *said: self.reports.append(said))

    async def remembered(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    async def keep(self, _: Sequence[Instrument]) -> None:
        """Nobody looks for a symbol here."""


async def test_a_symbol_that_is_halted_at_the_moment_is_watched_all_the_same() -> None:
    """Nothing would bring it back when it is traded again: neither at a start nor when settings are read anew."""
    desk = Desk("BTC-USD", "ETH-USD")

    assert await desk.course.symbols(Venue("ETH-USD"), Mode.SCALPER_MACDV, None) == ("BTC-USD", "ETH-USD")
    assert await desk.course.symbols(Venue("ETH-USD"), Mode.POSITION_MONITOR, None) == ("ETH-USD",)
    assert {kind for kind, _ in desk.reports} == {"symbols_not_trading"}
    assert desk.reports[0][1] == "1 symbols are not traded now, and are watched all the same: ETH-USD"


async def test_a_symbol_that_is_not_listed_is_left_out_and_named() -> None:
    desk = Desk(*WRITTEN)

    assert await desk.course.symbols(Venue(), Mode.SCALPER_MACDV, None) == WRITTEN[:2]
    assert desk.reports == [("symbols_not_listed", "1 symbols are not listed and not watched: GONE-USD")]


async def test_settings_say_what_is_always_watched_and_what_never() -> None:
    desk = Desk("BTC-USD")
    desk.course.settings = replace(Settings(), symbols=SymbolSettings(always=("ETH-USD",), never=("BTC-USD",)))

    assert await desk.course.symbols(Venue(), Mode.SCALPER_MACDV, None) == ("ETH-USD",)


async def test_an_exchange_that_lists_nothing_that_is_wanted_is_refused() -> None:
    with pytest.raises(ExchangeRefused):
        await Desk("GONE-USD").course.symbols(Venue(), Mode.SCALPER_MACDV, None)
