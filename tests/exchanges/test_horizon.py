"""No bucket counts as closed before the exchange's own clock has passed its end."""

import asyncio

import pytest

from exchanges.examples import OPENED, FastClock
from livermore.core.market.timeframe import Timeframe
from livermore.errors import ExchangeUnavailable
from livermore.exchanges.horizon import Horizon


class Asked:
    """A server's clock that counts how often it is asked."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.times = 0

    async def __call__(self) -> int:
        self.times += 1
        await asyncio.sleep(0)
        return self.at


async def test_a_clock_that_lags_behind_the_order_is_an_error_that_passes() -> None:
    """Answering less would look as if nobody had traded; and asking again at once would be a storm."""
    clock, asked = FastClock(), Asked(OPENED - 11_000)
    horizon = Horizon(asked, sleep=clock.sleep)
    with pytest.raises(ExchangeUnavailable, match="11000 ms behind") as told:
        await horizon.closed_until(Timeframe.M5, OPENED)

    assert told.value.transient
    assert clock.now() == 1_010.0
    asked.at = OPENED
    assert await horizon.closed_until(Timeframe.M5, OPENED) == OPENED


async def test_a_boundary_that_is_seconds_away_is_waited_for() -> None:
    """REST may be a moment behind the feed; leaving the candle out would look as if nobody had traded."""
    clock = FastClock()
    horizon = Horizon(Asked(OPENED - 4_000), speed=2.0, sleep=clock.sleep)

    assert await horizon.closed_until(Timeframe.M5, OPENED) == OPENED
    assert clock.now() == 1_002.0


async def test_all_who_wait_at_a_boundary_ask_once() -> None:
    asked = Asked(OPENED + 1_500)
    horizon = Horizon(asked)

    closed = await asyncio.gather(*(horizon.closed_until(Timeframe.M5, OPENED) for _ in range(50)))

    assert set(closed) == {OPENED}
    assert asked.times == 1


async def test_the_past_needs_no_question() -> None:
    asked = Asked(OPENED + 1_500)
    horizon = Horizon(asked)
    await horizon.closed_until(Timeframe.M5, OPENED)

    assert await horizon.closed_until(Timeframe.H1, OPENED - 1) == OPENED - Timeframe.H1.millis
    assert asked.times == 1
