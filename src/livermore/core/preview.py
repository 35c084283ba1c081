"""How often rules would have fired over the candles that are stored, without anybody being told."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livermore.core.alerts.rules import Rules
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Millis
from livermore.core.snapshot import SeriesSnapshot
from livermore.core.walk import Walk


@dataclass(frozen=True, slots=True)
class Preview:
    """How often each label would have fired in one series, and over how long a time back from its newest close."""

    counts: Mapping[str, int]
    covered: Millis


def preview(candles: Sequence[Candle], snapshot: SeriesSnapshot | None, rules: Rules, span: Millis) -> Preview:
    """`rules` over the stored `candles` of a series, oldest first, that closed within `span` of the newest close.

    The walk begins at the state that is kept before the oldest candle at hand, like everything that is folded again;
    what the memory holds there was fired by the rules of that time.
    """
    if snapshot is None:
        return Preview({}, 0)
    known = [one for one in candles if snapshot.kept_since <= one.opened_at <= snapshot.last_opened_at]
    if not known:
        return Preview({}, 0)
    end = known[-1].closes_at
    walk = Walk.resumed(snapshot.tail)
    counts: Counter[str] = Counter()
    for candle in known:
        step = walk.step(candle, rules)
        if step is not None and candle.closes_at > end - span:
            counts.update(signal.label for signal in step.signals)
    return Preview(dict(counts), min(span, end - known[0].opened_at))
