"""The words of `livermore ctl` as an order for an instance; whatever does not belong to a command is refused."""

import difflib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from livermore.core.instance.commands import (
    AddSymbol,
    BulkAddSymbols,
    ClearCache,
    CommandType,
    ForceBackfill,
    Pause,
    Payload,
    RefreshListing,
    ReloadSettings,
    RemoveSymbol,
    Resume,
    Start,
    Stop,
    SwitchMode,
    SyncAccounts,
    TestConnection,
)
from livermore.core.market.exchange import WATCHED, ExchangeIdentity, exchange_named
from livermore.core.market.symbol import symbol_spelled
from livermore.core.market.timeframe import timeframe_named
from livermore.core.watch import Mode
from livermore.errors import InvalidRequest, UnknownExchange, UnknownTimeframe

HISTORY: Final = "history"
COMMANDS: Final = (*(kind.value for kind in CommandType), HISTORY)
FROM_STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Wish:
    """What stands on a command line behind the command's name: words, and options, None where they are not given."""

    words: tuple[str, ...] = ()
    timeframes: tuple[str, ...] | None = None
    candles: int | None = None
    tier: int | None = None
    user: str | None = None


def exchange_wished(name: str) -> ExchangeIdentity:
    """The exchange of that name.

    Raises:
        UnknownExchange: when there is none; the message names the one that is meant, if one is near.
    """
    try:
        return exchange_named(name)
    except UnknownExchange as exc:
        raise UnknownExchange(f"{exc}{_meant(name, (exchange.name for exchange in WATCHED))}") from exc


def command_wished(name: str) -> str:
    """The name of a command.

    Raises:
        InvalidRequest: when it is none; the message names the one that is meant, if one is near.
    """
    if name in COMMANDS:
        return name
    near = _meant(name, COMMANDS)
    raise InvalidRequest(f"unknown command {name!r}{near or '; known are ' + ', '.join(COMMANDS)}")


def payload_of(command: CommandType, wish: Wish) -> Payload:
    """The order that the words and options spell.

    Raises:
        InvalidRequest: when something is missing, is too much, or has no meaning for this command.
    """
    make, options = _PAYLOADS[command]
    given = {name for name in ("timeframes", "candles", "tier", "user") if getattr(wish, name) is not None}
    foreign = sorted(given - options)
    if foreign:
        named = ", ".join(f"--{name.removesuffix('s')}" if name == "timeframes" else f"--{name}" for name in foreign)
        raise InvalidRequest(f"{named} has no meaning for {command}")
    try:
        return make(wish)
    except UnknownTimeframe as exc:
        raise InvalidRequest(str(exc)) from exc
    except ValueError as exc:
        raise InvalidRequest(f"{command}: {exc}") from exc


def _meant(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _bare(payload: Payload) -> Callable[[Wish], Payload]:
    def make(wish: Wish) -> Payload:
        _expect(wish.words, 0, "no more words")
        return payload

    return make


def _switch_mode(wish: Wish) -> Payload:
    (word,) = _expect(wish.words, 1, f"a mode: {', '.join(Mode)}")
    if word not in set(Mode):
        raise ValueError(f"unknown mode {word!r}{_meant(word, Mode) or '; known are ' + ', '.join(Mode)}")
    return SwitchMode(Mode(word))


def _force_backfill(wish: Wish) -> Payload:
    if not wish.words:
        raise ValueError("name the symbols, as in BTC-USD ETH-USD")
    named = wish.timeframes
    timeframes = None if named is None else tuple(timeframe_named(name) for name in dict.fromkeys(named))
    return ForceBackfill(_symbols(wish.words), timeframes, wish.candles)


def _clear_cache(wish: Wish) -> Payload:
    return ClearCache(_symbols(wish.words) or None, confirm=not wish.words)


def _add_symbol(wish: Wish) -> Payload:
    (word,) = _expect(wish.words, 1, "one symbol; for more there is bulk-add-symbols")
    return AddSymbol(_symbol(word), wish.tier or (2 if wish.user else 1), wish.user)


def _remove_symbol(wish: Wish) -> Payload:
    (word,) = _expect(wish.words, 1, "one symbol")
    return RemoveSymbol(_symbol(word), wish.user)


def _bulk_add_symbols(wish: Wish) -> Payload:
    if not wish.words:
        raise ValueError("name the symbols, a file with one on each line, or - for standard input")
    first, *more = wish.words
    are_named = bool(more) or (symbol_spelled(first) is not None and not Path(first).is_file())
    return BulkAddSymbols(
        _symbols(wish.words if are_named else _listed(first)), wish.tier or (2 if wish.user else 1), wish.user
    )


def _listed(name: str) -> Sequence[str]:
    """The words of a file: separated by commas, blanks or lines; what follows a # is a comment."""
    try:
        text = sys.stdin.read() if name == FROM_STDIN else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as exc:
        raise InvalidRequest(f"{name} cannot be read: {getattr(exc, 'strerror', None) or exc}") from exc
    return [word for line in text.splitlines() for word in line.partition("#")[0].replace(",", " ").split()]


def _symbols(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_symbol, words)))


def _symbol(word: str) -> str:
    """What a person means, as in btc/usd; what means nothing is left for the command to refuse."""
    return symbol_spelled(word) or word


def _expect(words: tuple[str, ...], count: int, what: str) -> tuple[str, ...]:
    if len(words) != count:
        raise ValueError(f"it wants {what}, not {' '.join(words) or 'nothing'}")
    return words


_NONE: Final[frozenset[str]] = frozenset()
_TIERED: Final = frozenset({"tier", "user"})
_PAYLOADS: Final[Mapping[CommandType, tuple[Callable[[Wish], Payload], frozenset[str]]]] = {
    CommandType.START: (_bare(Start()), _NONE),
    CommandType.STOP: (_bare(Stop()), _NONE),
    CommandType.PAUSE: (_bare(Pause()), _NONE),
    CommandType.RESUME: (_bare(Resume()), _NONE),
    CommandType.RELOAD_SETTINGS: (_bare(ReloadSettings()), _NONE),
    CommandType.SWITCH_MODE: (_switch_mode, _NONE),
    CommandType.FORCE_BACKFILL: (_force_backfill, frozenset({"timeframes", "candles"})),
    CommandType.CLEAR_CACHE: (_clear_cache, _NONE),
    CommandType.ADD_SYMBOL: (_add_symbol, _TIERED),
    CommandType.REMOVE_SYMBOL: (_remove_symbol, frozenset({"user"})),
    CommandType.BULK_ADD_SYMBOLS: (_bulk_add_symbols, _TIERED),
    CommandType.REFRESH_LISTING: (_bare(RefreshListing()), _NONE),
    CommandType.SYNC_ACCOUNTS: (_bare(SyncAccounts()), _NONE),
    CommandType.TEST_CONNECTION: (_bare(TestConnection()), _NONE),
}
