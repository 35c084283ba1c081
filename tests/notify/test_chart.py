"""Pictures of alerts: their numbers, the drawing process, and its deadline."""

import asyncio
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
from livermore.core.indicators.macdv import MacdV
from livermore.core.indicators.reading import Reading
from livermore.core.market.candle import Candle, empty_candle
from livermore.core.market.timeframe import Timeframe
from livermore.errors import PictureFailed
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


def with_readings(candles: list[Candle]) -> list[tuple[Candle, Reading | None]]:
    fold = MacdV()
    series = []
    for candle in candles:
        fold.step(candle.high, candle.low, candle.close, candle.is_empty)
        series.append((candle, fold.reading(candle) if fold.is_defined else None))
    return series


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

    assert draw(picture_of(an_alert_on(candles), with_readings(candles))).startswith(PNG)


def test_the_picture_says_what_the_alert_says() -> None:
    candles = a_series(300)
    alert = an_alert_on(candles)

    picture = picture_of(alert, with_readings(candles))

    last = picture.bars[-1]
    assert (last.value, last.signal, last.histogram, last.stage) == (
        alert.value, alert.signal, alert.histogram, alert.stage
    )  # fmt: skip
    assert len(picture.bars) == CANDLES_SHOWN
    assert all(bar.value is not None for bar in picture.bars), "the earlier candles are calculated from, too"


def test_a_picture_needs_the_candle_of_its_alert() -> None:
    candles = a_series(30)

    with pytest.raises(PictureFailed):
        picture_of(an_alert_on(candles), with_readings(candles[:-1]))


def test_words_are_drawn_as_they_are() -> None:
    """What looks like mathematics to the drawing library is text."""
    candles = a_series(60)
    picture = picture_of(an_alert_on(candles), with_readings(candles))

    hostile = Picture(r"$\frac{$ <script> _^", r"\input{x} $", picture.timeframe, picture.direction, True, picture.bars)

    assert draw(hostile).startswith(PNG)


async def test_a_process_of_its_own_draws_one_picture_after_the_other() -> None:
    candles = a_series(120)
    picture = picture_of(an_alert_on(candles), with_readings(candles))
    async with open_renderer() as renderer:
        pictures = [await _patiently(renderer, picture) for _ in range(2)]

    assert pictures[0].startswith(PNG)
    assert pictures[0] == pictures[1] == draw(picture)


async def _patiently(renderer: Renderer, picture: Picture) -> bytes:
    """The first picture may wait for the drawing library longer than a picture is waited for."""
    async with asyncio.timeout(50):
        while True:
            try:
                return await renderer.draw(picture)
            except PictureFailed:
                continue


READY = "import os; os.write(1, bytes(4)); "


@pytest.mark.parametrize(
    "program",
    [
        READY + "import time; time.sleep(600)",
        READY + "raise SystemExit(3)",
        READY + "import sys; os.write(1, bytes([255] * 9)); sys.stdin.read()",
        "import os; os.write(1, b'hello'); import time; time.sleep(600)",
        "import time; time.sleep(600)",
    ],
    ids=["hangs", "crashes", "talks nonsense", "speaks another language", "is never ready"],
)
async def test_a_process_that_draws_nothing_is_replaced(program: str, tmp_path: Path) -> None:
    candles = a_series(40)
    picture = picture_of(an_alert_on(candles), with_readings(candles))
    pids = tmp_path / "pids"
    noted = f"import os; open({str(pids)!r}, 'a').write(f'{{os.getpid()}} '); "
    renderer = Renderer((sys.executable, "-c", noted + program), deadline_seconds=0.5, start_seconds=0.1)

    async with asyncio.timeout(50):
        while not pids.exists() or len(pids.read_text().split()) < 2:
            with pytest.raises(PictureFailed):
                await renderer.draw(picture)
    await renderer.close()

    assert not any(is_running(int(pid)) for pid in pids.read_text().split())


async def test_a_process_that_is_slow_to_load_is_not_begun_anew(tmp_path: Path) -> None:
    candles = a_series(40)
    picture = picture_of(an_alert_on(candles), with_readings(candles))
    go = tmp_path / "go"
    os.mkfifo(go)
    program = f"open({str(go)!r}).read(); import os, sys; os.write(1, bytes(4)); sys.stdin.readline(); "
    renderer = Renderer(
        (sys.executable, "-c", program + "os.write(1, (5).to_bytes(4) + b'drawn')"), deadline_seconds=0.2
    )
    with pytest.raises(PictureFailed):
        await renderer.draw(picture)

    await asyncio.to_thread(go.write_text, "go")
    drawn = await _patiently(renderer, picture)
    await renderer.close()

    assert drawn == b"drawn"


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
