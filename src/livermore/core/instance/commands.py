"""What an instance can be told to do, what it answers, and which of two commands goes first."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final, TypeAlias

from livermore.core.market.symbol import checked_symbol
from livermore.core.market.timeframe import MINUTE, Millis, Timeframe
from livermore.core.watch import Mode

COMMAND_LIFE: Final[Millis] = MINUTE
"""How long after its issue a command may still be begun, where it does not say so itself."""

SYMBOLS_PER_COMMAND: Final = 2_000
CANDLES_PER_SERIES: Final = 1_000
PRIORITIES: Final = range(1, 101)

CORRELATION_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
"""What an answer may carry beside its words."""


class CommandType(StrEnum):
    """What can be asked of an instance, as it is spelled on the bus."""

    START = "start"
    STOP = "stop"
    PAUSE = "pause"
    RESUME = "resume"
    RELOAD_SETTINGS = "reload-settings"
    SWITCH_MODE = "switch-mode"
    FORCE_BACKFILL = "force-backfill"
    CLEAR_CACHE = "clear-cache"
    ADD_SYMBOL = "add-symbol"
    REMOVE_SYMBOL = "remove-symbol"
    BULK_ADD_SYMBOLS = "bulk-add-symbols"
    REFRESH_LISTING = "refresh-products"
    SYNC_ACCOUNTS = "sync-accounts"
    TEST_CONNECTION = "test-connection"


PRIORITY: Final[Mapping[CommandType, int]] = {
    CommandType.START: 1,
    CommandType.STOP: 1,
    CommandType.PAUSE: 1,
    CommandType.RESUME: 1,
    CommandType.RELOAD_SETTINGS: 10,
    CommandType.SWITCH_MODE: 10,
    CommandType.ADD_SYMBOL: 15,
    CommandType.REMOVE_SYMBOL: 15,
    CommandType.BULK_ADD_SYMBOLS: 15,
    CommandType.REFRESH_LISTING: 15,
    CommandType.TEST_CONNECTION: 15,
    CommandType.SYNC_ACCOUNTS: 20,
    CommandType.FORCE_BACKFILL: 20,
    CommandType.CLEAR_CACHE: 20,
}
"""What goes first where several commands wait: the lowest number, and of equal ones the earliest."""


def _check_symbols(symbols: tuple[str, ...]) -> None:
    if not 1 <= len(symbols) <= SYMBOLS_PER_COMMAND:
        raise ValueError(f"name 1 to {SYMBOLS_PER_COMMAND} symbols, not {len(symbols)}")
    for symbol in symbols:
        checked_symbol(symbol)


def _check_tier(tier: int, user: str | None) -> None:
    if tier not in (1, 2):
        raise ValueError(f"there is no tier {tier}; 1 is everybody's, 2 is one user's")
    if (tier == 2) != bool(user):
        raise ValueError("a symbol of tier 2 names its user, one of tier 1 has none")


@dataclass(frozen=True, slots=True)
class Start:
    """Claim the exchange and serve it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the session and give the claim back."""


@dataclass(frozen=True, slots=True)
class Pause:
    """End feed and alerts, and keep the claim."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause: what was missed is caught up with, its alerts are late."""


@dataclass(frozen=True, slots=True)
class ReloadSettings:
    """Read the settings of the admin again and work by them from the next batch on."""


@dataclass(frozen=True, slots=True)
class SwitchMode:
    """Watch other symbols or by other rules."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class ForceBackfill:
    """Fetch history anew: of these symbols, of all timeframes and as much as is kept where nothing is said."""

    symbols: tuple[str, ...]
    timeframes: tuple[Timeframe, ...] | None = None
    candles: int | None = None

    def __post_init__(self) -> None:
        _check_symbols(self.symbols)
        if self.timeframes is not None and not self.timeframes:
            raise ValueError("name at least one timeframe, or none at all for all of them")
        if self.candles is not None and not 1 <= self.candles <= CANDLES_PER_SERIES:
            raise ValueError(f"1 to {CANDLES_PER_SERIES} candles can be fetched, not {self.candles}")


@dataclass(frozen=True, slots=True)
class ClearCache:
    """Drop candles and readings of these symbols, or of all, and fetch them anew; all of them need `confirm`."""

    symbols: tuple[str, ...] | None = None
    confirm: bool = False

    def __post_init__(self) -> None:
        if self.symbols is not None:
            _check_symbols(self.symbols)
        elif not self.confirm:
            raise ValueError("to clear all symbols says confirm: true")


@dataclass(frozen=True, slots=True)
class AddSymbol:
    """Watch one more symbol: for everybody (tier 1), or for one `user` (tier 2)."""

    symbol: str
    tier: int = 1
    user: str | None = None

    def __post_init__(self) -> None:
        checked_symbol(self.symbol)
        _check_tier(self.tier, self.user)


@dataclass(frozen=True, slots=True)
class RemoveSymbol:
    """Watch a symbol no longer, for everybody or for one `user`."""

    symbol: str
    user: str | None = None

    def __post_init__(self) -> None:
        checked_symbol(self.symbol)


@dataclass(frozen=True, slots=True)
class BulkAddSymbols:
    """Watch more symbols; each has a verdict of its own in the result."""

    symbols: tuple[str, ...]
    tier: int = 1
    user: str | None = None

    def __post_init__(self) -> None:
        _check_symbols(self.symbols)
        _check_tier(self.tier, self.user)


@dataclass(frozen=True, slots=True)
class RefreshListing:
    """Read again what the exchange lists."""


@dataclass(frozen=True, slots=True)
class SyncAccounts:
    """Read the balances of the admin's account."""


@dataclass(frozen=True, slots=True)
class TestConnection:
    """Try whether the exchange can be reached, and whether it takes our credentials."""

    __test__ = False


Payload: TypeAlias = (
    Start
    | Stop
    | Pause
    | Resume
    | ReloadSettings
    | SwitchMode
    | ForceBackfill
    | ClearCache
    | AddSymbol
    | RemoveSymbol
    | BulkAddSymbols
    | RefreshListing
    | SyncAccounts
    | TestConnection
)

PAYLOADS: Final[Mapping[CommandType, type[Payload]]] = {
    CommandType.START: Start,
    CommandType.STOP: Stop,
    CommandType.PAUSE: Pause,
    CommandType.RESUME: Resume,
    CommandType.RELOAD_SETTINGS: ReloadSettings,
    CommandType.SWITCH_MODE: SwitchMode,
    CommandType.FORCE_BACKFILL: ForceBackfill,
    CommandType.CLEAR_CACHE: ClearCache,
    CommandType.ADD_SYMBOL: AddSymbol,
    CommandType.REMOVE_SYMBOL: RemoveSymbol,
    CommandType.BULK_ADD_SYMBOLS: BulkAddSymbols,
    CommandType.REFRESH_LISTING: RefreshListing,
    CommandType.SYNC_ACCOUNTS: SyncAccounts,
    CommandType.TEST_CONNECTION: TestConnection,
}


@dataclass(frozen=True, slots=True)
class Command:
    """An order for the instance of one exchange.

    `issued_by` is an e-mail address or ``user@host``. Whoever repeats a command keeps its `correlation_id`: it is
    carried out once. Without `instance_id` it is for the instance that serves the exchange or else for the newest idle
    one; with it for that one alone.
    """

    correlation_id: str
    exchange_id: int
    type: CommandType
    payload: Payload
    issued_by: str
    issued_at: Millis
    expires_at: Millis
    priority: int
    instance_id: str | None = None

    def __post_init__(self) -> None:
        if not CORRELATION_ID.fullmatch(self.correlation_id):
            raise ValueError("a correlationId has 1 to 64 letters, digits or any of _.:-")
        if not isinstance(self.payload, PAYLOADS[self.type]):
            raise TypeError(f"{type(self.payload).__name__} is no payload of {self.type}")
        if self.priority not in PRIORITIES:
            raise ValueError(f"a priority lies between {PRIORITIES[0]} and {PRIORITIES[-1]}, not at {self.priority}")


def a_command(
    exchange_id: int,
    correlation_id: str,
    payload: Payload,
    issued_by: str,
    issued_at: Millis,
    *,
    lives_for: Millis = COMMAND_LIFE,
    instance_id: str | None = None,
) -> Command:
    """The command that orders `payload`, with the priority of its type."""
    kind = next(kind for kind, wanted in PAYLOADS.items() if type(payload) is wanted)
    return Command(
        correlation_id,
        exchange_id,
        kind,
        payload,
        issued_by,
        issued_at,
        issued_at + lives_for,
        PRIORITY[kind],
        instance_id,
    )


def payload_fields(payload: Payload) -> dict[str, Json]:
    """What a payload says, without what it leaves open.

    >>> payload_fields(SwitchMode(Mode.SCALPER_MACDV)), payload_fields(ClearCache(("BTC-USD",)))
    ({'mode': 'scalper-macdv'}, {'symbols': ['BTC-USD'], 'confirm': False})
    """
    said = {one.name: getattr(payload, one.name) for one in fields(payload)}
    return {name: _plain(value) for name, value in said.items() if value is not None}


def _plain(value: object) -> Json:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int | float) else str(value)


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """What came in the place of a command and is none: why, and as much of it as could be read."""

    reason: str
    correlation_id: str | None = None
    type: str | None = None
    issued_by: str | None = None
    instance_id: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a command has failed: a stable code for programs, a message for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Ack:
    """An instance has heard the command."""

    correlation_id: str
    instance_id: str
    at: Millis


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long command is: `done` of `total`, in words."""

    correlation_id: str
    at: Millis
    done: int
    total: int
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """The last word on a command: done, or failed and why. `correlation_id` is None where it could not be read."""

    correlation_id: str | None
    at: Millis
    is_success: bool
    details: Mapping[str, Json] = field(default_factory=dict)
    error: Failure | None = None


Answer: TypeAlias = Ack | Progress | Result


@dataclass(frozen=True, slots=True)
class Heard:
    """A message on the command channel: the command, or what came in its place; `raw` is what was said."""

    message: Command | RefusedMessage
    raw: bytes


class Taking(StrEnum):
    """What an instance learns when it asks whether a command is its own to carry out.

    TAKEN: it is, now. AGAIN: it has it already. OTHER: it is for another instance. GONE: it is its own to answer, but
    another instance, which is not the one that serves any more, had it.
    """

    TAKEN = "taken"
    AGAIN = "again"
    OTHER = "other"
    GONE = "gone"
