"""Every key and channel name in Redis, spelled in this one place."""

from dataclasses import dataclass
from typing import Final

from livermore.core.market.timeframe import Timeframe

MARKET_KIND: Final = "livermore:market"
"""Whether the store holds a simulated or a live market."""

STREAM_MARK: Final = "livermore:stream:mark"
"""Which store this is: one that was emptied has another mark, so that old places in its streams are known as such."""

WRITE_TRIAL: Final = "livermore:write-trial"
"""What a server writes to see whether the store takes anything: one that is full answers all the same."""

ACCESS_CHANNEL: Final = "livermore:access"
"""Where it is said that somebody has lost access, so that every server closes what they have open."""


def sign_in_key(digest: str) -> str:
    """Whom a one-time sign-in link is for; the link itself is stored nowhere, only its digest."""
    return f"livermore:sign-in:{digest}"


def rate_key(api_key: int, minute: int) -> str:
    """How many requests a partner's key has made in a minute."""
    return f"livermore:rate:{api_key}:{minute}"


@dataclass(frozen=True, slots=True)
class SeriesKeys:
    """What belongs to one series, as the bytes that go over the wire."""

    candles: bytes
    indicator: bytes
    reading_field: bytes
    close_channel: bytes
    indicator_channel: bytes
    revision_channel: bytes


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of all that belongs to one exchange.

    With `has_hash_tag` the number of the exchange stands in braces, so that all its keys live in one slot of a Redis
    Cluster and one script may write them together. Channels have no slot and are named alike either way.

    >>> Keys(1).candles("BTC-USD", Timeframe.M5), Keys(1, has_hash_tag=True).epoch
    ('candles:1:BTC-USD:5m', 'exchange:{1}:epoch')
    """

    exchange_id: int
    has_hash_tag: bool = False

    @property
    def _exchange(self) -> str:
        return f"{{{self.exchange_id}}}" if self.has_hash_tag else str(self.exchange_id)

    @property
    def status(self) -> str:
        """The status of the instance that serves the exchange; also its claim."""
        return f"exchange:{self._exchange}:status"

    @property
    def epoch(self) -> str:
        """The fencing token of the latest claim."""
        return f"exchange:{self._exchange}:epoch"

    @property
    def instances(self) -> str:
        """Every live process of the exchange, with the instant until which it counts as such."""
        return f"exchange:{self._exchange}:instances"

    @property
    def pause(self) -> str:
        """Who has paused the exchange, for as long as it is."""
        return f"exchange:{self._exchange}:pause"

    @property
    def latest_commit(self) -> str:
        """Who made the latest commit, and its number."""
        return f"exchange:{self._exchange}:commit"

    def candles(self, symbol: str, timeframe: Timeframe) -> str:
        """The newest candles of a series, sorted by opening."""
        return f"candles:{self._exchange}:{symbol}:{timeframe}"

    def indicator(self, symbol: str, timeframe: Timeframe) -> str:
        """The newest reading of a series and the state to resume from."""
        return f"indicator:{self._exchange}:{symbol}:{timeframe}:macd-v"

    @property
    def readings(self) -> str:
        """The newest reading of every series, without its state: a hash by `reading_field`."""
        return f"readings:{self._exchange}"

    @staticmethod
    def reading_field(symbol: str, timeframe: Timeframe) -> str:
        """The field of a series in the hash of readings, as in ``"BTC-USD:5m"``."""
        return f"{symbol}:{timeframe}"

    def ticker(self, symbol: str) -> str:
        """The latest price of a symbol."""
        return f"ticker:{self._exchange}:{symbol}"

    @property
    def instruments(self) -> str:
        """What the exchange lists."""
        return f"instruments:{self._exchange}"

    @property
    def alerts(self) -> str:
        """The durable stream of alerts."""
        return f"alerts:{self._exchange}"

    @property
    def alert_ids(self) -> str:
        """Which alerts the stream has taken in, sorted by the close of their candle."""
        return f"alerts:{self._exchange}:ids"

    @property
    def commands(self) -> str:
        """The stream that keeps every command with its result."""
        return f"commands:{self._exchange}"

    def command_taken(self, correlation_id: str) -> str:
        """Which instance carries out a command."""
        return f"commands:{self._exchange}:taken:{correlation_id}"

    def close_channel(self, symbol: str, timeframe: Timeframe) -> str:
        """Where a newly closed candle is shown."""
        return f"channel:exchange:{self.exchange_id}:candle:close:{symbol}:{timeframe}"

    def revision_channel(self, symbol: str, timeframe: Timeframe) -> str:
        """Where a closed candle of which more is known by now is shown again."""
        return f"channel:exchange:{self.exchange_id}:candle:revised:{symbol}:{timeframe}"

    def indicator_channel(self, symbol: str, timeframe: Timeframe) -> str:
        """Where a new reading is shown."""
        return f"channel:indicator:{self.exchange_id}:{symbol}:{timeframe}:macd-v"

    def ticker_channel(self, symbol: str) -> str:
        """Where a price is shown."""
        return f"channel:ticker:{self.exchange_id}:{symbol}"

    @property
    def alerts_channel(self) -> str:
        """Where an alert is shown."""
        return f"channel:alerts:exchange:{self.exchange_id}"

    @property
    def command_channel(self) -> str:
        """Where commands to the instance are heard."""
        return f"livermore:commands:{self.exchange_id}"

    @property
    def response_channel(self) -> str:
        """Where the instance answers."""
        return f"livermore:responses:{self.exchange_id}"

    def series(self, symbol: str, timeframe: Timeframe) -> SeriesKeys:
        """All names of one series."""
        return SeriesKeys(
            self.candles(symbol, timeframe).encode(),
            self.indicator(symbol, timeframe).encode(),
            self.reading_field(symbol, timeframe).encode(),
            self.close_channel(symbol, timeframe).encode(),
            self.indicator_channel(symbol, timeframe).encode(),
            self.revision_channel(symbol, timeframe).encode(),
        )


def activity_key(exchange_name: str) -> str:
    """The stream of what happened to the instances of an exchange, named as in ``"binance_us"``."""
    return f"logs:network:{exchange_name}"


def watchdog_key(user_id: int, day: str) -> str:
    """Whether a person was sent the message of a day, such as ``"2026-11-22"``."""
    return f"livermore:watchdog:{user_id}:{day}"
