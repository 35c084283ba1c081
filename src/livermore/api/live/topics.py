"""What can be listened to on the live stream, and how a topic is spelled."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from livermore.core.market.exchange import ExchangeIdentity, exchange_named
from livermore.core.market.symbol import checked_symbol
from livermore.core.market.timeframe import Timeframe, timeframe_named
from livermore.errors import InvalidRequest, UnknownExchange, UnknownTimeframe

TOPIC_LENGTH: Final = 100


class Kind(StrEnum):
    """The first word of a topic."""

    TICKERS = "tickers"
    CANDLES = "candles"
    READINGS = "readings"
    ALERTS = "alerts"
    NETWORK = "network"
    ACTIVITY = "activity"
    COMMANDS = "commands"
    CROSS = "cross"


LOGS: Final = frozenset({Kind.ALERTS, Kind.ACTIVITY, Kind.COMMANDS})
"""Topics whose changes are kept, so that a client that was away misses none."""

_KINDS: Final = tuple(kind.value for kind in Kind)
_WITHOUT_EXCHANGE: Final = frozenset({Kind.ALERTS, Kind.NETWORK, Kind.ACTIVITY, Kind.CROSS})
_WITH_EXCHANGE: Final = frozenset(Kind) - {Kind.NETWORK, Kind.CROSS}


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing to listen to; without an exchange it is all of them.

    >>> str(topic_named("candles:coinbase:BTC-USD:5m")), str(topic_named("alerts"))
    ('candles:coinbase:BTC-USD:5m', 'alerts')
    """

    kind: Kind
    exchange: ExchangeIdentity | None = None
    symbol: str | None = None
    timeframe: Timeframe | None = None

    def __str__(self) -> str:
        parts = [self.kind.value]
        if self.exchange is not None:
            parts.append(self.exchange.name)
        if self.symbol is not None and self.timeframe is not None:
            parts += [self.symbol, self.timeframe.value]
        return ":".join(parts)


def topic_named(name: str) -> Topic:
    """The topic that is spelled so.

    ``tickers:{ex}``, ``readings:{ex}``, ``candles:{ex}``, ``candles:{ex}:{symbol}:{tf}``, ``commands:{ex}``, ``alerts``
    or ``alerts:{ex}``, ``activity`` or ``activity:{ex}``, ``network``, ``cross``.

    Raises:
        InvalidRequest: when it is none.
    """
    first, *rest = name[:TOPIC_LENGTH].split(":")
    if first not in _KINDS:
        raise InvalidRequest(f"there is no topic {name[:TOPIC_LENGTH]!r}; topics begin with {', '.join(_KINDS)}")
    try:
        kind = Kind(first)
        if not rest and kind in _WITHOUT_EXCHANGE:
            return Topic(kind)
        if len(rest) == 1 and kind in _WITH_EXCHANGE:
            return Topic(kind, exchange_named(rest[0]))
        if len(rest) == 3 and kind is Kind.CANDLES:
            return Topic(kind, exchange_named(rest[0]), checked_symbol(rest[1]), timeframe_named(rest[2]))
    except (ValueError, UnknownExchange, UnknownTimeframe) as exc:
        raise InvalidRequest(f"there is no topic {name[:TOPIC_LENGTH]!r}: {exc}") from exc
    raise InvalidRequest(f"there is no topic {name[:TOPIC_LENGTH]!r}; topics look like alerts or readings:coinbase")
