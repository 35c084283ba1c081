"""Recorded 5m candles through the real engine: the alerts they would have raised, had we watched."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from livermore.app.candle_file import misread, read_candles, read_rows
from livermore.core.alerts.alert import Alert
from livermore.core.alerts.rules import Rules
from livermore.core.engine import Engine
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import ExchangeIdentity, exchange_named
from livermore.core.market.rows import LONGEST_HOLE, Row
from livermore.core.market.timeframe import BASE, MINUTE, SECOND, Millis, timeframe_named
from livermore.core.market.traits import ExchangeTraits
from livermore.core.messages import CandleSeen, CandlesFetched, Commit, Event, FetchCandles, FetchReason, Heard, LinkUp
from livermore.core.watch import Watch
from livermore.errors import ConfigError, InvalidRequest, MalformedMessage

LINK: Final = 1
# A file has neither late news nor a REST behind it: the traits of the exchange itself would change nothing.
TRAITS: Final = ExchangeTraits(grace=2 * SECOND, rows_per_request=300, lists_silence=False)
_SYMBOL: Final = re.compile(r"[A-Z0-9]+-[A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Recording:
    """The 5m candles of one symbol on one exchange, oldest first; an absent bucket had no trades."""

    exchange: ExchangeIdentity
    symbol: str
    candles: tuple[Candle, ...]


def recording_of(paths: Sequence[Path], exchange: str, symbol: str, timeframe: str) -> Recording:
    """The recording that files, which continue each other, hold together.

    Raises:
        UnknownExchange, UnknownTimeframe, ConfigError: when the names are not ours.
        InvalidRequest: when a file cannot be read, a line of it is wrong, or it does not follow the file before it.
    """
    identity = exchange_named(exchange)
    if timeframe_named(timeframe) is not BASE:
        raise ConfigError(f"only {BASE} candles can be replayed, the longer ones are folded from them; not {timeframe}")
    if not _SYMBOL.fullmatch(symbol):
        raise ConfigError(f"{symbol!r} is no symbol; a symbol is BASE-QUOTE, such as BTC-USD")
    candles: list[Candle] = []
    for path in paths:
        rows = read_rows(path)
        _check_base(path, rows)
        found = read_candles(path, rows, symbol, BASE)
        _check_follows(path, rows[0].line, candles, found[0])
        candles.extend(found)
    return Recording(identity, symbol, tuple(candles))


def _check_base(path: Path, rows: Sequence[Row]) -> None:
    """Refuse candles of a longer timeframe, which would look like 5m candles with silence between them."""
    steps = [after.opened_at - before.opened_at for before, after in pairwise(rows)]
    if steps and BASE.millis not in steps and min(steps) > BASE.millis:
        shortest = min(steps) // MINUTE
        reason = f"no two candles are {BASE} apart, the closest are {shortest} minutes; only {BASE} can be replayed"
        raise InvalidRequest(f"{path}: {reason}")


def _check_follows(path: Path, line: int, candles: Sequence[Candle], first: Candle) -> None:
    if not candles:
        return
    absent = (first.opened_at - candles[-1].closes_at) // BASE.millis
    if absent < 0:
        reason = f"{first.opened_at} does not come after {candles[-1].opened_at}, where the file before it ends"
        raise misread(path, MalformedMessage(reason, line=line))
    if absent > LONGEST_HOLE:
        reason = f"{absent} candles are absent between this file and the one before it"
        raise misread(path, MalformedMessage(reason, line=line))


def alerts_of(recording: Recording) -> Iterator[Alert]:
    """The alerts of a recording, in the order in which they fire; every instant is one of the recording's own.

    Raises:
        InvalidRequest: when the recording has no candle.
    """
    if not recording.candles:
        raise InvalidRequest("there is nothing to replay")
    watch = Watch(recording.exchange, TRAITS, Rules(), is_simulated=False)
    engine = Engine(watch, [recording.symbol])
    for event, now in _events(recording):
        for effect in _effects(engine, event, now):
            if isinstance(effect, Commit):
                yield from (alert.stamped(computed=now) for alert in effect.alerts)


def _events(recording: Recording) -> Iterator[tuple[Event, Millis]]:
    """What the feed of an exchange would have said, with the instants at which it did.

    A bucket closes by the news of the next one; where that is absent, by the exchange's clock.
    """
    first = recording.candles[0].opened_at
    yield LinkUp(LINK, first, frozenset({recording.symbol}), proves_silence=True), first
    closes_at = first
    for candle in recording.candles:
        for boundary in range(closes_at, candle.opened_at, BASE.millis):
            yield Heard(LINK, boundary + TRAITS.grace), boundary + TRAITS.grace
        yield CandleSeen(LINK, candle.opened_at, candle, is_final=False), candle.opened_at
        closes_at = candle.closes_at
    yield Heard(LINK, closes_at + TRAITS.grace), closes_at + TRAITS.grace


def _effects(engine: Engine, event: Event, now: Millis) -> Iterator[object]:
    """The effects of an event and of the answers to what it asks: beside the recording there is nothing.

    What the recording says cannot be verified: such wishes stay unanswered.
    """
    events: deque[Event] = deque([event])
    while events:
        for effect in engine.handle(events.popleft(), now):
            if isinstance(effect, FetchCandles) and effect.reason is not FetchReason.VERIFY:
                # That there is no history is believed when it is said twice.
                answer = CandlesFetched(effect, ())
                events.extend((answer, answer) if effect.reason is FetchReason.WARMUP else (answer,))
            yield effect


def count_by_timeframe(alerts: Iterable[Alert]) -> dict[str, int]:
    """How many alerts each timeframe had, the shortest first."""
    counts: dict[str, int] = {}
    for alert in sorted(alerts, key=lambda alert: alert.timeframe.millis):
        counts[alert.timeframe.value] = counts.get(alert.timeframe.value, 0) + 1
    return counts
