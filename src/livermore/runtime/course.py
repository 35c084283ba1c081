"""What the sessions of an instance go by: the settings of its admin, its mode, and the symbols to watch.

People's database is asked where there is one. When it is away, an instance goes by what it went by before, for market
data and alerts must not wait for it; that it does so is reported.
"""

from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from livermore.core.account.settings import Settings, late_after_of, rules_of
from livermore.core.account.symbols import MonitoredSymbol, watched_once
from livermore.core.alerts.rules import Rules
from livermore.core.market.instrument import Instrument
from livermore.core.market.selection import most_traded
from livermore.core.watch import AlertsOn, Mode, Watch
from livermore.errors import ExchangeRefused, NotPossibleNow, StoreUnavailable
from livermore.runtime.ports import Clock, Directory, Exchange

SYMBOLS_NAMED: Final = 10
NEEDS_DATABASE: Final = f"{Mode.POSITION_MONITOR} needs PostgreSQL, which knows what is held"
NOTHING_HELD: Final = f"{Mode.POSITION_MONITOR} watches what is held, and none of the symbols is"
NOBODY: Final = "livermore"
"""Who chose the first symbols of an exchange, where no admin is known."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What an instance goes by where nobody has set anything.

    `remembered` are the symbols the store knows of; `keep_listing` keeps there what the exchange lists, for those who
    look for a symbol to watch, and raises StoreUnavailable.
    """

    symbols: int
    alerts_on: AlertsOn
    is_simulated: bool
    remembered: Callable[[], Awaitable[tuple[str, ...]]]
    keep_listing: Callable[[Sequence[Instrument]], Awaitable[None]]


class Course:
    """The course of one instance; `exchange` is there while a session is open, `settings` once they were read."""

    def __init__(
        self, defaults: Defaults, directory: Directory | None, clock: Clock, report: Callable[[str, str], None]
    ) -> None:
        self.exchange: Exchange | None = None
        self.settings: Settings | None = None
        self.directory = directory
        self.clock = clock
        self._defaults = defaults
        self._report = report

    async def read_settings(self, admin_email: str | None) -> Settings | None:
        """The settings of the admin, read anew; None without a database.

        Raises:
            StoreUnavailable: when the database is away; then the settings of before go on.
        """
        if self.directory is not None:
            self.settings = await self.directory.settings(admin_email)
        return self.settings

    async def read_settings_if_possible(self, admin_email: str | None) -> None:
        """Read the settings anew, or report that those of before, or the defaults, go on."""
        try:
            await self.read_settings(admin_email)
        except StoreUnavailable as error:
            self._report("settings_unread", str(error))

    @property
    def mode(self) -> Mode:
        """The mode that the settings ask for."""
        return Mode.SCALPER_MACDV if self.settings is None else self.settings.runtime.mode

    def watch(self, exchange: Exchange) -> Watch:
        """What a session goes by, according to the settings."""
        settings, defaults = self.settings, self._defaults
        rules = Rules() if settings is None else rules_of(settings)
        alerts_on = defaults.alerts_on if settings is None else settings.runtime.alerts_on
        late_after = None if settings is None else late_after_of(settings)
        identity, traits = exchange.identity, exchange.traits
        return Watch(identity, traits, rules, defaults.is_simulated, alerts_on, late_after=late_after)

    async def symbols(self, exchange: Exchange, mode: Mode, by: str | None) -> tuple[str, ...]:
        """The symbols to watch: those that are written down, or else the most traded ones, which then are.

        Raises:
            ExchangeRefused: when the exchange lists nothing that could be watched.
            NotPossibleNow: when only what is held is to be watched, and nothing is.
            StoreUnavailable: when what is listed cannot be kept.
        """
        listed = await self.listed(exchange)
        wanted = await self._wanted(exchange, listed, by)
        if self.settings is not None:
            chosen = self.settings.symbols
            wanted = [one for one in dict.fromkeys((*wanted, *chosen.always)) if one not in chosen.never]
        # What is halted for a minute trades again, and nobody would say so: it is watched meanwhile.
        known = tuple(symbol for symbol in wanted if symbol in listed)
        self._tell_of("symbols_not_listed", "are not listed and not watched", set(wanted) - set(known))
        halted = {symbol for symbol in known if not listed[symbol].is_trading}
        self._tell_of("symbols_not_trading", "are not traded now, and are watched all the same", halted)
        if not known:
            raise ExchangeRefused(f"{exchange.identity.display_name} lists nothing that is traded against dollars")
        return known if mode is Mode.SCALPER_MACDV else await self._held(exchange, known)

    async def check_mode(self, exchange_id: int, mode: Mode) -> None:
        """See whether a mode has anything to watch, as far as that can be told without the exchange.

        Raises:
            NotPossibleNow: when only what is held is to be watched, and nothing is.
            StoreUnavailable: when the database is away.
        """
        if mode is not Mode.POSITION_MONITOR:
            return
        if self.directory is None:
            raise NotPossibleNow(NEEDS_DATABASE)
        written = {row.symbol for row in await self.directory.symbols(exchange_id)}
        if self.settings is not None:
            written = (written | set(self.settings.symbols.always)) - set(self.settings.symbols.never)
        if not written.intersection(await self.directory.held_symbols(exchange_id)):
            raise NotPossibleNow(NOTHING_HELD)

    async def listed(self, exchange: Exchange) -> dict[str, Instrument]:
        """All that the exchange lists, by symbol, read anew and kept where others find it.

        Raises:
            StoreUnavailable: when it cannot be kept.
        """
        instruments = await exchange.instruments()
        await self._defaults.keep_listing(instruments)
        return {one.symbol: one for one in instruments}

    async def is_still_wanted(self, exchange: Exchange, symbol: str) -> bool:
        """Whether somebody wants a symbol watched, according to what is written down."""
        if self.directory is None:
            return False
        rows = await self.directory.symbols(exchange.identity.id)
        return any(row.symbol == symbol for row in watched_once(rows))

    def _tell_of(self, kind: str, what: str, symbols: Set[str]) -> None:
        if symbols:
            named = ", ".join(sorted(symbols)[:SYMBOLS_NAMED])
            self._report(kind, f"{len(symbols)} symbols {what}: {named}")

    async def _held(self, exchange: Exchange, known: Sequence[str]) -> tuple[str, ...]:
        if self.directory is None:
            raise NotPossibleNow(NEEDS_DATABASE)
        held = set(await self.directory.held_symbols(exchange.identity.id))
        symbols = tuple(symbol for symbol in known if symbol in held)
        if not symbols:
            raise NotPossibleNow(NOTHING_HELD)
        return symbols

    async def _wanted(self, exchange: Exchange, listed: dict[str, Instrument], by: str | None) -> Sequence[str]:
        count = self._defaults.symbols
        if self.settings is not None and self.settings.symbols.most_traded is not None:
            count = self.settings.symbols.most_traded
        chosen = most_traded(listed.values(), count)
        if self.directory is None:
            return chosen
        try:
            rows = await self.directory.symbols(exchange.identity.id)
            if not rows:
                rows = _rows(chosen, listed)
                await self.directory.add_symbols(exchange.identity.id, rows, by or NOBODY, self.clock.now())
                return chosen
        except StoreUnavailable as error:
            self._report("symbols_unread", str(error))
            return await self._defaults.remembered() or chosen
        return [row.symbol for row in watched_once(rows)]


def _rows(symbols: Sequence[str], listed: dict[str, Instrument]) -> tuple[MonitoredSymbol, ...]:
    """What is written down of symbols that were chosen by their volume, the largest first."""
    return tuple(
        MonitoredSymbol(symbol, rank=rank, volume=_decimal(listed[symbol].quote_volume_24h))
        for rank, symbol in enumerate(symbols, start=1)
    )


def _decimal(volume: float | None) -> Decimal | None:
    return None if volume is None else Decimal(repr(volume))
