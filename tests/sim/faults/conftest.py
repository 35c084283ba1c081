"""A faster simulator for the tests of faults, which watch whole candles go by."""

from collections.abc import AsyncIterator

import pytest

from livermore.sim.server import SimServer, serve
from sim.conftest import settings_of


@pytest.fixture
async def sim() -> AsyncIterator[SimServer]:
    async with serve(settings_of(speed=240.0)) as server:
        yield server
