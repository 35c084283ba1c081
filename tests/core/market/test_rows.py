import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, M5, STEP, SYMBOL, a_candle, markets
from livermore.core.market.candle import Candle
from livermore.core.market.rows import LONGEST_HOLE, candles_of, rows_of, timeframe_of, without_holes
from livermore.core.market.timeframe import Timeframe
from livermore.errors import MalformedMessage, UnknownTimeframe

HEADER = "timestamp,open,high,low,close,volume"


def written(candles: list[Candle], unit: int = 1) -> list[str]:
    numbers = [(one.open, one.high, one.low, one.close, one.volume) for one in candles]
    rows = [",".join([str(one.opened_at // unit), *map(repr, row)]) for one, row in zip(candles, numbers, strict=True)]
    return [HEADER, *rows]


@given(
    candles=markets(most=60),
    timeframe=st.sampled_from(Timeframe),
    unit=st.sampled_from([1, 1000]),
    end=st.sampled_from(["", "\n", "\r\n"]),
)
def test_candles_written_and_read_are_the_same(
    candles: list[Candle], timeframe: Timeframe, unit: int, end: str
) -> None:
    """To the last bit, empty ones included, in milliseconds and in seconds."""
    lines = [line + end for line in written(candles, unit)]
    assert candles_of(rows_of(lines), SYMBOL, M5) == candles


@given(candles=markets(most=80))
def test_buckets_left_out_are_put_back(candles: list[Candle]) -> None:
    while candles and candles[0].is_empty:
        candles = candles[1:]
    while candles and candles[-1].is_empty:
        candles = candles[:-1]
    assert list(without_holes(one for one in candles if not one.is_empty)) == candles


@given(text=st.text(alphabet="0123456789.,-eE+naif \t\"'x\n", max_size=60))
def test_whatever_a_line_says_it_is_read_or_refused_by_number(text: str) -> None:
    lines = [HEADER, *written([a_candle(0)])[1:], text]
    try:
        count = len(candles_of(rows_of(lines), SYMBOL, M5))
    except MalformedMessage as exc:
        wrong = exc.context["line"]
    else:
        wrong = 3 if count in (1, 2) else 0
    assert wrong == 3


@given(start=st.integers(0, 400), missing=st.sets(st.integers(1, 38)), timeframe=st.sampled_from(Timeframe))
def test_the_timeframe_is_told_by_the_rows_though_many_are_absent(
    start: int, missing: set[int], timeframe: Timeframe
) -> None:
    """As long as two neighbours are left somewhere and no other distance is more common."""
    numbers = [number for number in range(40) if number not in missing]
    steps = [after - before for before, after in pairwise(numbers)]
    rows = rows_of(written([a_candle(start + number, timeframe=timeframe) for number in numbers]))
    if steps.count(1) >= max(steps.count(step) for step in steps):
        assert timeframe_of(rows) is timeframe


@pytest.mark.parametrize(("minutes", "name"), [(1, "1m"), (3, "3m"), (120, "2h"), (2 * 1440, "2d")])
def test_a_length_that_is_not_ours_is_named(minutes: int, name: str) -> None:
    lines = [HEADER, *(f"{DAWN + number * minutes * 60_000},1,1,1,1,1" for number in range(4))]
    with pytest.raises(
        UnknownTimeframe, match=f"the candles are {name} apart; known timeframes are 5m, 15m, 1h, 4h, 1d"
    ):
        timeframe_of(rows_of(lines))


def test_a_row_out_of_place_does_not_change_the_timeframe() -> None:
    """It is off the grid of the others, and named."""
    hour = Timeframe.H1.millis
    instants = sorted([DAWN + number * hour for number in range(20)] + [DAWN + hour + STEP])
    rows = rows_of([HEADER, *(f"{instant},1,1,1,1,1" for instant in instants)])
    assert timeframe_of(rows) is Timeframe.H1
    with pytest.raises(MalformedMessage, match="grid") as caught:
        candles_of(rows, SYMBOL, Timeframe.H1)
    assert caught.value.context["line"] == 4


@pytest.mark.parametrize(("absent", "is_read"), [(LONGEST_HOLE, True), (LONGEST_HOLE + 1, False)])
def test_a_hole_has_a_longest_length(absent: int, is_read: bool) -> None:
    rows = rows_of(written([a_candle(0), a_candle(absent + 1)]))
    if is_read:
        assert len(candles_of(rows, SYMBOL, M5)) == 2
    else:
        with pytest.raises(MalformedMessage, match="absent"):
            candles_of(rows, SYMBOL, M5)


def test_blank_lines_may_end_a_table_and_nothing_else() -> None:
    lines = written([a_candle(0), a_candle(1)])
    assert len(rows_of([*lines, "", " "])) == 2
    with pytest.raises(MalformedMessage) as caught:
        rows_of([*lines[:2], "", *lines[2:]])
    assert caught.value.context["line"] == 3


def test_volume_may_be_unknown_but_zero_and_flat_is_empty() -> None:
    flat = f"{DAWN},1,1,1,1"
    (unknown,) = candles_of(rows_of(["t,open,high,low,close", flat]), SYMBOL, M5)
    (empty,) = candles_of(rows_of([HEADER, f"{flat},0"]), SYMBOL, M5)
    (moved,) = candles_of(rows_of([HEADER, f"{DAWN},1,2,1,1,0"]), SYMBOL, M5)
    assert [one.is_empty for one in (unknown, empty, moved)] == [False, True, False]
    assert math.isclose(unknown.volume, 0.0)


AT = f"{DAWN},1,1,1,1,1"


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        ([], 1, "empty"),
        ([HEADER], 1, "nothing else"),
        (["open,high,low,close"], 1, "lacks timestamp"),
        (["t,t,open,high,low,close"], 1, "twice"),
        ([HEADER, AT, AT], 3, "stands on line 2 already"),
        ([HEADER, AT, f"{DAWN - STEP},1,1,1,1,1"], 3, "out of order"),
        ([HEADER, AT, f"{DAWN + STEP},1,1,1"], 3, "4 columns"),
        ([HEADER, "soon,1,1,1,1,1"], 2, "no timestamp"),
        ([HEADER, f"{DAWN},1,1,one,1,1"], 2, "no number"),
        ([HEADER, f"{DAWN},1,1,2,1,1"], 2, "contradict"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(lines: list[str], line: int, reason: str) -> None:
    with pytest.raises(MalformedMessage, match=reason) as caught:
        candles_of(rows_of(lines), SYMBOL, M5)
    assert caught.value.context["line"] == line


def test_one_row_does_not_tell_its_timeframe() -> None:
    with pytest.raises(UnknownTimeframe, match="one candle"):
        timeframe_of(rows_of([HEADER, AT]))


def test_a_step_that_is_no_whole_second_is_named_in_milliseconds() -> None:
    with pytest.raises(UnknownTimeframe, match="1500ms apart"):
        timeframe_of(rows_of([HEADER, AT, f"{DAWN + 1_500},1,1,1,1,1"]))


def test_where_another_distance_is_more_common_the_smallest_one_tells() -> None:
    """Trades every ten minutes but for one pair of neighbours."""
    instants = [DAWN, DAWN + 2 * STEP, DAWN + 4 * STEP, DAWN + 5 * STEP]
    assert timeframe_of(rows_of([HEADER, *(f"{instant},1,1,1,1,1" for instant in instants)])) is M5
