"""One commit as a call of commit.lua: what goes into which argument."""

import hashlib
from collections.abc import Sequence
from typing import Final

from livermore.cache.codec.alert import encode_alert
from livermore.cache.codec.candle import encode_candle
from livermore.cache.codec.indicator import encode_indicator
from livermore.cache.keys import Keys, SeriesKeys
from livermore.cache.scripts import Argument, Call
from livermore.core.alerts.alert import Alert
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.messages import Commit, SeriesCommit

CANDLES_KEPT: Final = 1_000
WHATEVER_IS_THERE: Final = "*"


class CommitCalls:
    """Makes calls of the commits of one exchange, made with one epoch.

    It remembers the names of the series it has seen, which are as many as are watched.
    """

    __slots__ = ("_epoch", "_keys", "_names", "_shared")

    def __init__(self, keys: Keys, epoch: int) -> None:
        self._keys = keys
        self._epoch = str(epoch).encode()
        shared = (keys.epoch, keys.latest_commit, keys.alerts, keys.alert_ids, keys.readings)
        self._shared = tuple(name.encode() for name in shared)
        self._names: dict[tuple[str, Timeframe], SeriesKeys] = {}

    def call(
        self, commit: Commit, committed_at: Millis, writer: str, number: int, follows: str = WHATEVER_IS_THERE
    ) -> Call:
        """The call that writes `commit`, the writer's own `number`, its alerts stamped as committed at that instant.

        `follows` is the latest commit as it was read, which the first one of a writer must find.
        """
        keys: list[Argument] = list(self._shared)
        arguments: list[Argument] = [
            self._epoch,
            writer,
            number,
            follows,
            CANDLES_KEPT,
            self._keys.alerts_channel,
            len(commit.series),
        ]
        for series in commit.series:
            names = self._series(commit.symbol, series.timeframe)
            keys += (names.candles, names.indicator)
            arguments += (names.reading_field, names.close_channel, names.indicator_channel, names.revision_channel)
            arguments += _series_arguments(commit.symbol, series)
        if commit.alerts:
            token = _token(arguments)
            for alert in commit.alerts:
                arguments += _alert_arguments(alert, token, committed_at)
        return Call(keys, arguments)

    def _series(self, symbol: str, timeframe: Timeframe) -> SeriesKeys:
        name = (symbol, timeframe)
        names = self._names.get(name)
        if names is None:
            names = self._names[name] = self._keys.series(symbol, timeframe)
        return names


def _series_arguments(symbol: str, series: SeriesCommit) -> list[Argument]:
    point, state = encode_indicator(symbol, series)
    runs = _runs(series.candles[-CANDLES_KEPT:], series.timeframe.millis)
    arguments: list[Argument] = [point, state, int(_is_whole(series)), len(runs)]
    for run in runs:
        arguments.append(len(run))
        for candle in run:
            arguments += (candle.opened_at, encode_candle(candle))
    return arguments


def _is_whole(series: SeriesCommit) -> bool:
    """Whether the candles are the whole series, so that what was stored before of another one must go."""
    candles, snapshot = series.candles, series.snapshot
    if not candles or candles[0].opened_at != snapshot.started_at:
        return False
    return snapshot.last_opened_at - snapshot.started_at == (len(candles) - 1) * series.timeframe.millis


def _runs(candles: Sequence[Candle], millis: Millis) -> list[Sequence[Candle]]:
    """The candles cut where there is a hole: what lies in a hole is stored already and must not be removed."""
    if len(candles) == 1:
        return [candles]
    runs: list[Sequence[Candle]] = []
    start = 0
    for index in range(1, len(candles) + 1):
        if index == len(candles) or candles[index].opened_at - candles[index - 1].opened_at != millis:
            runs.append(candles[start:index])
            start = index
    return [run for run in runs if run]


def _alert_arguments(alert: Alert, token: str, committed_at: Millis) -> tuple[Argument, ...]:
    return alert.id, alert.status, token, alert.closes_at, encode_alert(alert, committed_at)


def _token(arguments: Sequence[Argument]) -> str:
    """What tells this commit from any other, whenever, however often and by whomever it is sent."""
    parts = [part if isinstance(part, bytes) else str(part).encode() for part in arguments[4:]]
    return hashlib.blake2b(b"\0".join(parts), digest_size=8).hexdigest()
