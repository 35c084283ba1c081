"""An outage of which Binance keeps no rows: afterwards every series goes on, and nothing is missed, false or twice."""

from pathlib import Path

import pytest

from faults.harness import AFTERMATH, a_fire, check_clean, figures, tell
from livermore.core.market.exchange import BINANCE
from livermore.core.market.timeframe import BASE, MINUTE, SECOND, Millis
from livermore.sim.faults.fault import Disconnect, HaltedSymbol

pytestmark = pytest.mark.timeout(300)

LASTS: Millis = 7 * BASE.millis
TRADED_AFTERWARDS: Millis = 25 * MINUTE
# The fault stops trading with the next bucket after it was noticed.
NOTICED_WITHIN: Millis = 150 * SECOND


@pytest.mark.parametrize(("begins", "ends"), [(0, 0), (100 * SECOND, 130 * SECOND)], ids=["on-time", "mid-bucket"])
async def test_an_outage_without_rows_holds_up_no_series(begins: Millis, ends: Millis, tmp_path: Path) -> None:
    """Nobody trades, nobody can connect, and REST has not even flat rows of that time for ever after.

    Where sockets are cut before trading stops, or let in after it goes on, REST alone knows the rest of a bucket.
    """
    async with a_fire(tmp_path) as fire:
        async with fire.watching(BINANCE) as seen:
            boundary = BASE.opening(fire.now) + 2 * BASE.millis
            start, duration = boundary - NOTICED_WITHIN, NOTICED_WITHIN + LASTS
            halt = HaltedSymbol(start=start, duration=duration / SECOND, unlisted=True)
            cut = Disconnect(start=boundary - begins, duration=(begins + LASTS + ends) / SECOND)
            posted = fire.post(halt, cut)
            await fire.until(boundary + LASTS + TRADED_AFTERWARDS)
            until = fire.now + AFTERMATH
            await fire.settled({BINANCE: seen}, until)
        audit = await fire.audit(until, [BINANCE])

    tell(figures(audit))
    tell(f"reported: {dict(seen.totals)}")
    check_clean(audit, [BINANCE])
    assert all(one.hits for one in posted), "it has not hit"
    assert seen.totals["feed_lost"] > 0
