"""The settings of one person: a typed, versioned document, and what an instance takes from it.

Every part is immutable and valid by construction. Secrets have no place in it: a credential or the address of a channel
is given as the *name* of the environment variable that holds it, and what looks like the secret itself is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

from livermore.core.account.document import Bounds, Length, Text, parse, to_json
from livermore.core.account.document_schema import schema_of
from livermore.core.account.patch import Json
from livermore.core.account.secret import why_no_variable
from livermore.core.alerts.rules import Rules
from livermore.core.market.symbol import SYMBOL_PATTERN, SYMBOL_SIZE
from livermore.core.market.timeframe import SECOND, Millis, Timeframe
from livermore.core.watch import AlertsOn, Mode

SCHEMA_VERSION: Final = 2
SOONEST_LATE_SECONDS: Final = 60
"""An alert takes a while to be proven: with less, the fastest one would be late, and told to nobody."""

_SYMBOL_TEXT: Final = Text(SYMBOL_SIZE.stop - 1, SYMBOL_SIZE.start, SYMBOL_PATTERN)
Symbol: TypeAlias = Annotated[str, _SYMBOL_TEXT]
VariableName: TypeAlias = Annotated[str, Text(100, 1, r"[A-Za-z_][A-Za-z0-9_]*", why_no_variable)]
ChannelVariable: TypeAlias = Annotated[str, Text(100, 1, r"LIVERMORE_CHANNEL_[A-Z0-9_]+", why_no_variable)]
ExchangeName: TypeAlias = Annotated[str, Text(50, 1, r"[a-z0-9_]+")]


class Noise(StrEnum):
    """How loudly an alert is told: as usual, without a sound, or not at all; it is recorded in any case."""

    ON = "on"
    SILENT = "silent"
    OFF = "off"


class ChannelKind(StrEnum):
    """How a channel is spoken to: Discord in its own way, all else through Apprise."""

    DISCORD = "discord"
    APPRISE = "apprise"


class AlertType(StrEnum):
    """The kinds of alerts that can be told or not."""

    LEVEL = "level"
    REVERSAL_OVERSOLD = "reversal_oversold"
    REVERSAL_OVERBOUGHT = "reversal_overbought"


@dataclass(frozen=True, slots=True)
class Profile:
    """Who somebody is and how numbers and times are shown to them."""

    name: Annotated[str, Text(100, 1)] | None = None
    timezone: Annotated[str, Text(64, 1, r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}")] = "UTC"
    locale: Annotated[str, Text(35, 2, r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")] = "en-GB"
    currency: Annotated[str, Text(5, 3, r"[A-Z]{3,5}")] = "USD"
    primary_exchange: ExchangeName | None = None


@dataclass(frozen=True, slots=True)
class RuntimeSettings:
    """How the instances of this admin run; without `late_after_seconds` an alert is late after one timeframe."""

    mode: Mode = Mode.SCALPER_MACDV
    alerts_on: AlertsOn = AlertsOn.CLOSED
    late_after_seconds: Annotated[int, Bounds(SOONEST_LATE_SECONDS, 86_400)] | None = None
    auto_start: bool = False


@dataclass(frozen=True, slots=True)
class ExchangeAccess:
    """One exchange of a person: the names of the environment variables, on the instance, that hold the credentials."""

    is_enabled: bool = True
    api_key_env: VariableName | None = None
    api_secret_env: VariableName | None = None
    password_env: VariableName | None = None


@dataclass(frozen=True, slots=True)
class SymbolSettings:
    """Which symbols are watched: how many of the most traded, which in any case, and which never."""

    most_traded: Annotated[int, Bounds(1, 1_000)] | None = None
    always: Annotated[tuple[Symbol, ...], Length(500)] = ()
    never: Annotated[tuple[Symbol, ...], Length(500)] = ()


@dataclass(frozen=True, slots=True)
class NoiseByType:
    """How loudly each kind of alert is told."""

    level: Noise = Noise.ON
    reversal_oversold: Noise = Noise.ON
    reversal_overbought: Noise = Noise.ON


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """The thresholds of the rules, in MACD-V points and shares of them, and how loudly alerts are told.

    A change of a threshold makes a new version of the rules; noise levels only decide what people hear.
    """

    first_level: Annotated[int, Bounds(10, 2_000)] = 150
    level_step: Annotated[int, Bounds(5, 1_000)] = 50
    hysteresis: Annotated[float, Bounds(0, 100)] = 10.0
    oversold_buffer: Annotated[float, Bounds(0, 1)] = 0.05
    overbought_buffer: Annotated[float, Bounds(0, 1)] = 0.03
    shortest_cooldown_seconds: Annotated[int, Bounds(0, 86_400)] = 300
    noise: NoiseByType = NoiseByType()
    symbols: Annotated[
        Mapping[str, Noise], Length(1_000, Text(SYMBOL_SIZE.stop - 1, SYMBOL_SIZE.start, SYMBOL_PATTERN))
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Channel:
    """Where alerts are told: the environment variable with its address, and which alerts; empty lists mean all.

    The name of the variable begins with LIVERMORE_CHANNEL_, so that nobody can have any other one used as an address.
    """

    id: Annotated[str, Text(50, 1, r"[a-z0-9][a-z0-9-]*")]
    name: Annotated[str, Text(100, 1)]
    kind: ChannelKind
    url_env: ChannelVariable
    is_enabled: bool = True
    types: Annotated[tuple[AlertType, ...], Length(10)] = ()
    symbols: Annotated[tuple[Symbol, ...], Length(500)] = ()
    exchanges: Annotated[tuple[ExchangeName, ...], Length(20)] = ()
    timeframes: Annotated[tuple[Timeframe, ...], Length(5)] = ()
    has_chart: bool = True


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From which hour to which, in the profile's timezone, alerts are told without a sound; may pass midnight."""

    from_hour: Annotated[int, Bounds(0, 23)]
    to_hour: Annotated[int, Bounds(0, 23)]


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """How people are told: on which channels, how many alerts make one message, and when all is quiet."""

    channels: Annotated[tuple[Channel, ...], Length(20)] = ()
    group_after_seconds: Annotated[float, Bounds(0, 300)] = 2.0
    most_alerts_per_message: Annotated[int, Bounds(1, 100)] = 25
    watchdog_hour_utc: Annotated[int, Bounds(0, 23)] | None = None
    quiet_hours: QuietHours | None = None

    def __post_init__(self) -> None:
        """Refuse two channels of one id."""
        ids = [channel.id for channel in self.channels]
        if len(set(ids)) != len(ids):
            raise ValueError("two channels have the same id")


@dataclass(frozen=True, slots=True)
class Settings:
    """All that one person has set; what is absent has its default."""

    schema_version: Annotated[int, Bounds(SCHEMA_VERSION, SCHEMA_VERSION)] = SCHEMA_VERSION
    profile: Profile = Profile()
    runtime: RuntimeSettings = RuntimeSettings()
    exchanges: Annotated[Mapping[str, ExchangeAccess], Length(20, Text(50, 1, r"[a-z0-9_]+"))] = field(
        default_factory=dict
    )
    symbols: SymbolSettings = SymbolSettings()
    alerts: AlertSettings = AlertSettings()
    notifications: NotificationSettings = NotificationSettings()


def parse_settings(document: Json) -> Settings:
    """The settings that a document spells.

    Raises:
        InvalidRequest: naming every place that is wrong and why.
    """
    return parse(Settings, document)


def settings_json(settings: Settings) -> dict[str, Json]:
    """The document of these settings, defaults included."""
    document: dict[str, Json] = to_json(settings)
    return document


def settings_schema() -> dict[str, Json]:
    """The JSON Schema of the document."""
    return schema_of(Settings, "Livermore settings")


def rules_of(settings: Settings) -> Rules:
    """The rules by which an instance with these settings raises alerts."""
    alerts = settings.alerts
    return Rules(
        first_level=alerts.first_level,
        level_step=alerts.level_step,
        hysteresis=alerts.hysteresis,
        oversold_buffer=alerts.oversold_buffer,
        overbought_buffer=alerts.overbought_buffer,
        shortest_cooldown=alerts.shortest_cooldown_seconds * SECOND,
    )


def late_after_of(settings: Settings) -> Millis | None:
    """How long after the close of its candle an alert is late; None for one timeframe."""
    seconds = settings.runtime.late_after_seconds
    return None if seconds is None else seconds * SECOND


def noise_of(settings: Settings, label: str, symbol: str) -> Noise:
    """How loudly an alert is told: the quieter of what is set for its kind and for its symbol."""
    by_type = settings.alerts.noise
    kinds = {
        AlertType.REVERSAL_OVERSOLD: by_type.reversal_oversold,
        AlertType.REVERSAL_OVERBOUGHT: by_type.reversal_overbought,
        AlertType.LEVEL: by_type.level,
    }
    loudness = list(Noise)
    levels = (kinds[alert_type_of(label)], settings.alerts.symbols.get(symbol, Noise.ON))
    return max(levels, key=loudness.index)


def alert_type_of(label: str) -> AlertType:
    """The kind of an alert by its label, such as ``level_-150``."""
    return AlertType.LEVEL if label.startswith("level_") else AlertType(label)
