"""A walk over the candles of a series: the indicator and the memory of the rules, taken along from one to the next."""

from dataclasses import dataclass

from livermore.core.alerts.rules import Crossing, Memory, Rules, Signal, evaluate, rearmed
from livermore.core.indicators.macdv import MacdV
from livermore.core.indicators.reading import Reading
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import Millis, Timeframe
from livermore.core.snapshot import Tail


@dataclass(frozen=True, slots=True)
class Step:
    """A candle at which rules came true and were let through: its reading, the value before it, and the signals."""

    candle: Candle
    reading: Reading
    previous: float
    signals: tuple[Signal, ...]


class Walk:
    """Where the fold and the memory stand after the candles passed so far."""

    __slots__ = ("fold", "memory")

    def __init__(self) -> None:
        self.fold = MacdV()
        self.memory: Memory = ()

    @classmethod
    def resumed(cls, tail: Tail) -> "Walk":
        """The walk as it was when `tail` was taken."""
        walk = cls()
        walk.fold = MacdV.resumed(tail.indicator)
        walk.memory = tail.memory
        return walk

    def state(self) -> Tail:
        """The walk as a value that can be kept."""
        return Tail(self.fold.state(), self.memory)

    def copy(self) -> "Walk":
        """Another walk that goes on from here."""
        return Walk.resumed(self.state())

    def step(self, candle: Candle, rules: Rules) -> Step | None:
        """Pass the next candle: fold it, look at the rules, remember; answers if there are signals."""
        previous = self.fold.value
        numbers = candle.high, candle.low, candle.close, candle.is_empty
        signals = self.pass_by(*numbers, candle.timeframe, candle.closes_at, rules)
        reading = self.fold.reading(candle) if signals else None
        return None if reading is None or previous is None else Step(candle, reading, previous, signals)

    def pass_by(
        self,
        high: float,
        low: float,
        close: float,
        is_empty: bool,
        timeframe: Timeframe,
        closes_at: Millis,
        rules: Rules,
    ) -> tuple[Signal, ...]:
        """Pass the next candle, of which only these numbers matter; answers its signals."""
        fold = self.fold
        previous = fold.value
        fold.step(high, low, close, is_empty)
        value = fold.value
        if not fold.is_defined or value is None:
            return ()
        if self.memory:
            self.memory = rearmed(rules, self.memory, value)
        # Between the first levels no rule comes true: both levels and reversals lie beyond them.
        is_calm = -rules.first_level <= value <= rules.first_level
        if is_calm or previous is None or fold.candles < rules.candles_needed:
            return ()
        crossing = Crossing(timeframe, closes_at, previous, value, fold.histogram)
        self.memory, signals = evaluate(rules, self.memory, crossing)
        return signals
