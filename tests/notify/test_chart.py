"""Pictures of alerts: their numbers, the drawing process, and its deadline."""

import math
import os
import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.alerts.test_alert import an_alert
from livermore.core.alerts.alert import Alert
from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.timeframe import Timeframe
from livermore.errors import InvalidRequest, PictureFailed
from livermore.notify.chart import draw
from livermore.notify.picture import CANDLES_SHOWN, Picture, picture_of
from livermore.notify.renderer import Renderer, open_renderer

PNG = b"\x89PNG\r\n\x1a\n"


def a_series(count: int, seed: int = 1, *, timeframe: Timeframe = Timeframe.H1, empty: float = 0.1) -> list[Candle]:
    dice = random.Random(seed)
    close, candles, start = math.exp(dice.uniform(-9, 9)), [], 1_700_006_400_000 // 86_400_000 * 86_400_000
    for number in range(count):
        opened_at = start + number * timeframe.millis
        if number and dice.random() < empty:
            candles.append(empty_candle("BTC-USD", timeframe, opened_at, close, is_confirmed=True))
            continue
        opened = close
        close = opened * math.exp(dice.gauss(0.004 * math.sin(number / 9), 0.006))
        high, low = max(opened, close) * 1.003, min(opened, close) / 1.003
        volume = dice.expovariate(0.01)
        candles.append(Candle("BTC-USD", timeframe, opened_at, opened, high, low, close, volume))
    return candles


def an_alert_on(candles: list[Candle], label: str = "level_150") -> Alert:
    last = candles[-1]
    return replace(an_alert(label), timeframe=last.timeframe, opened_at=last.opened_at, price=last.close)


@given(
    count=st.integers(1, 300),
    seed=st.integers(0, 99),
    timeframe=st.sampled_from(tuple(Timeframe)),
    empty=st.sampled_from([0.0, 0.5, 1.0]),
)
@settings(max_examples=6, deadline=None)
def test_any_series_can_be_drawn(count: int, seed: int, timeframe: Timeframe, empty: float) -> None:
    candles = a_series(count, seed, timeframe=timeframe, empty=empty)

    assert draw(picture_of(an_alert_on(candles), candles)).startswith(PNG)


def test_the_picture_says_what_the_alert_says() -> None:
    candles = a_series(300)
    alert = an_alert_on(candles)

    picture = picture_of(alert, candles)

    last = picture.bars[-1]
    assert (last.value, last.signal, last.histogram, last.stage) == (
        alert.value, alert.signal, alert.histogram, alert.stage
    )  # fmt: skip
    assert len(picture.bars) == CANDLES_SHOWN
    assert all(bar.value is not None for bar in picture.bars), "the earlier candles are calculated from, too"


def test_a_picture_needs_the_candle_of_its_alert() -> None:
    candles = a_series(30)

    with pytest.raises(InvalidRequest):
        picture_of(an_alert_on(candles), candles[:-1])


def test_words_are_drawn_as_they_are() -> None:
    """What looks like mathematics to the drawing library is text."""
    candles = a_series(60)
    picture = picture_of(an_alert_on(candles), candles)

    hostile = Picture(r"$\frac{$ <script> _^", r"\input{x} $", picture.timeframe, picture.direction, True, picture.bars)

    assert draw(hostile).startswith(PNG)


async def test_a_process_of_its_own_draws_one_picture_after_the_other() -> None:
    candles = a_series(120)
    picture = picture_of(an_alert_on(candles), candles)
    async with open_renderer() as renderer:
        pictures = [await _patiently(renderer, picture) for _ in range(2)]

    assert pictures[0].startswith(PNG)
    assert pictures[0] == pictures[1] == draw(picture)


async def _patiently(renderer: Renderer, picture: Picture) -> bytes:
    """The first picture waits for the drawing library, which a loaded machine needs long to load."""
    for _ in range(20):
        try:
            return await renderer.draw(picture)
        except PictureFailed:
            continue
    raise AssertionError("never drawn")


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(600)",
        "raise SystemExit(3)",
        "import sys; sys.stdout.buffer.write(b'\\xff' * 9); sys.stdout.flush(); sys.stdin.read()",
    ],
    ids=["hangs", "crashes", "talks nonsense"],
)
async def test_a_process_that_draws_nothing_is_replaced(program: str, tmp_path: Path) -> None:
    candles = a_series(40)
    picture = picture_of(an_alert_on(candles), candles)
    pids = tmp_path / "pids"
    noted = f"import os; open({str(pids)!r}, 'a').write(f'{{os.getpid()}} '); "
    renderer = Renderer((sys.executable, "-c", noted + program), deadline_seconds=0.5)

    for _ in range(2):
        while True:
            with pytest.raises(PictureFailed):
                await renderer.draw(picture)
            if pids.exists():
                break
    await renderer.close()

    assert not any(is_running(int(pid)) for pid in pids.read_text().split())


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
