"""The oracle: which alerts a series of candles asks for, by the batch formulas and the rules as they are written.

It is a second reading of the rules, not the first one called again: nothing here is shared with the engine but the
formulas of the columns, the thresholds and the naming of alerts. All thresholds are MACD-V points, all times Millis.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from livermore.audit.finding import Expected
from livermore.core.alerts.alert import alert_id
from livermore.core.alerts.rules import Rules
from livermore.core.indicators.batch import Columns, macdv_columns
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import Millis, Timeframe

UP: Final = "up"
DOWN: Final = "down"
OVERSOLD: Final = "reversal_oversold"
OVERBOUGHT: Final = "reversal_overbought"


@dataclass(frozen=True, slots=True)
class TruthSeries:
    """The true candles of one series, contiguous and oldest first; `earlier` of it lie before the first of them.

    `bygone` are the rules that were in force before the present ones, each with the last close that they judge.
    """

    exchange: ExchangeIdentity
    symbol: str
    timeframe: Timeframe
    rows: Sequence[Candle]
    earlier: int = 0
    bygone: tuple[tuple[Millis, Rules], ...] = ()


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A series computed again from its first row: the columns beside the rows, and the alerts they ask for."""

    truth: TruthSeries
    columns: Columns
    alerts: tuple[Expected, ...]


@dataclass(frozen=True, slots=True)
class _Wish:
    """A rule that has come true: the label that would fire, and the labels that go with it."""

    label: str
    direction: str
    crossed: tuple[str, ...]


class _Labels:
    """What is remembered of the labels: the close at which each fired last, and which of them wait to be re-armed."""

    def __init__(self, rules: Rules, timeframe: Timeframe) -> None:
        self._timeframe = timeframe
        self.go_by(rules)
        self._fired_at: dict[str, Millis] = {}
        self._spent: set[str] = set()

    def go_by(self, rules: Rules) -> None:
        """Judge by these rules from now on, without forgetting anything."""
        self._rules = rules
        self._silence: Millis = max(rules.shortest_cooldown, self._timeframe.millis)

    def rearm(self, value: float) -> None:
        """Arm again every label from which the value has come back far enough."""
        self._spent = {label for label in self._spent if not self._has_come_back(label, value)}

    def _has_come_back(self, label: str, value: float) -> bool:
        way = self._rules.hysteresis
        if label == OVERSOLD:
            return value > -self._rules.first_level + way
        if label == OVERBOUGHT:
            return value < self._rules.first_level - way
        level = int(label.removeprefix("level_"))
        return value < level - way if level > 0 else value > level + way

    def fires(self, wish: _Wish, closes_at: Millis) -> bool:
        """Whether the wish is granted; what goes with it is then spent."""
        fired_at = self._fired_at.get(wish.label)
        if wish.label in self._spent or (fired_at is not None and closes_at - fired_at <= self._silence):
            return False
        for label in wish.crossed:
            self._fired_at[label] = closes_at
            self._spent.add(label)
        return True


def recomputed(truth: TruthSeries, rules: Rules) -> Recomputed:
    """Every alert that the candles ask for, in the order of their closes, whoever watched or did not."""
    columns = macdv_columns(truth.rows)
    return Recomputed(truth, columns, tuple(_alerts(truth, columns, rules)))


def _alerts(truth: TruthSeries, columns: Columns, present: Rules) -> Iterator[Expected]:
    bygone = list(truth.bygone)
    rules = bygone[0][1] if bygone else present
    labels = _Labels(rules, truth.timeframe)
    previous: float | None = None
    for index, candle in enumerate(truth.rows):
        while bygone and candle.closes_at > bygone[0][0]:
            del bygone[0]
            rules = bygone[0][1] if bygone else present
            labels.go_by(rules)
        value, histogram = columns.value[index], columns.histogram[index]
        if value is None:
            continue
        labels.rearm(value)
        if previous is not None and truth.earlier + index + 1 >= rules.candles_needed:
            for wish in _wishes(rules, previous, value, histogram):
                if labels.fires(wish, candle.closes_at):
                    yield _expected(truth, columns, rules, index, previous, value, wish)
        previous = value


def _wishes(rules: Rules, previous: float, value: float, histogram: float | None) -> Iterator[_Wish]:
    """The rules that are true at `value`: the deepest of the levels crossed, then the reversals."""
    levels = tuple(_crossed(rules, previous, value))
    if levels:
        crossed = tuple(f"level_{level}" for level in levels)
        yield _Wish(crossed[-1], UP if levels[-1] > 0 else DOWN, crossed)
    if histogram is None:
        return
    edge = rules.first_level
    if previous < -edge and value < -edge and histogram > rules.oversold_buffer * abs(value):
        yield _Wish(OVERSOLD, UP, (OVERSOLD,))
    if previous > edge and value > edge and histogram < -rules.overbought_buffer * abs(value):
        yield _Wish(OVERBOUGHT, DOWN, (OVERBOUGHT,))


def _crossed(rules: Rules, previous: float, value: float) -> Iterator[int]:
    """The levels passed on the way out from `previous` to `value`, the deepest last."""
    level = rules.first_level
    while value > level:
        if previous <= level:
            yield level
        level += rules.level_step
    level = rules.first_level
    while value < -level:
        if previous >= -level:
            yield -level
        level += rules.level_step


def _expected(
    truth: TruthSeries, columns: Columns, rules: Rules, index: int, previous: float, value: float, wish: _Wish
) -> Expected:
    candle = truth.rows[index]
    name = alert_id(truth.exchange, truth.symbol, truth.timeframe, candle.opened_at, wish.label, rules.version)
    return Expected(
        name,
        truth.symbol,
        truth.timeframe,
        candle.opened_at,
        wish.label,
        wish.direction,
        value,
        previous,
        columns.signal[index],
        columns.histogram[index],
        candle.close,
        columns.stage[index],
    )
