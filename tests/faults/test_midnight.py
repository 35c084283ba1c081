"""Fault 35: at midnight all timeframes close together for all symbols, and each series is evaluated once, in order."""

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from faults.harness import AFTERMATH, BOTH, EVENING, a_fire, check_clean, figures, tell
from livermore.cache.codec.alert import decode_alert
from livermore.cache.keys import Keys
from livermore.core.market.exchange import BINANCE, COINBASE
from livermore.core.market.timeframe import HOUR, Timeframe

MIDNIGHT = EVENING + 2 * HOUR
MANY_SYMBOLS = 12


@pytest.mark.timeout(150)
async def test_at_midnight_each_series_is_evaluated_once_and_in_order(tmp_path: Path) -> None:
    async with a_fire(tmp_path, symbols=MANY_SYMBOLS, speed=300.0) as fire:
        async with fire.watching(COINBASE) as coinbase, fire.watching(BINANCE) as binance:
            watched = {COINBASE: coinbase, BINANCE: binance}
            assert fire.now < MIDNIGHT, "warm before midnight"
            ends = MIDNIGHT + AFTERMATH
            await fire.settled(watched, ends)
            stood = {exchange: await fire.stands(exchange) for exchange in watched}
        audit = await fire.audit(ends)
        raised = {
            exchange: [
                decode_alert(fields[b"alert"], "stream")
                for _, fields in await fire.redis.xrange(Keys(exchange.id).alerts)
            ]
            for exchange in BOTH
        }
    tell(figures(audit))
    check_clean(audit)
    for exchange, seen in watched.items():
        assert len(stood[exchange]) == len(seen.symbols) * len(Timeframe)
        assert all(stand.committed_until >= MIDNIGHT for stand in stood[exchange])
        together = defaultdict(list)
        for alert in raised[exchange]:
            if alert.closes_at == MIDNIGHT and alert.status == "fired":
                together[alert.symbol].append(alert.timeframe.millis)
        assert all(earlier <= later for order in together.values() for earlier, later in pairwise(order))
    assert any(alert.closes_at == MIDNIGHT for alerts in raised.values() for alert in alerts)
