"""The rows that an audit takes for true, however long ago a series began and however rarely it trades."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.markets import RULES, SYMBOL, a_market
from livermore.app.audit_rows import LEAD, SETTLING, Rows, Stand, fetched_rows, rows_of
from livermore.audit.oracle import TruthSeries, recomputed
from livermore.audit.rows import contiguous
from livermore.core.market.candle import Candle
from livermore.core.market.exchange import COINBASE, ExchangeIdentity
from livermore.core.market.instrument import Instrument
from livermore.core.market.timeframe import BASE, Millis, Timeframe
from livermore.core.market.traits import ExchangeTraits
from livermore.errors import ExchangeRefused

TRAITS = ExchangeTraits(grace=2_000, rows_per_request=300, lists_silence=False)


@dataclass
class HistoryOnly:
    """An exchange that has the candles of one series, and remembers what it was asked."""

    rows: Sequence[Candle]
    asked: list[tuple[Millis, Millis]] = field(default_factory=list)
    identity: ExchangeIdentity = COINBASE
    traits: ExchangeTraits = TRAITS

    async def instruments(self) -> tuple[Instrument, ...]:
        return ()

    async def server_time(self) -> Millis:
        return self.rows[-1].closes_at

    async def candles(self, symbol: str, timeframe: Timeframe, since: Millis, until: Millis) -> tuple[Candle, ...]:
        assert (symbol, timeframe) == (SYMBOL, BASE)
        self.asked.append((since, until))
        return tuple(row for row in self.rows if row.opened_at >= since and row.closes_at <= until)

    async def run_feed(self, symbols: Sequence[str], inbox: object, changes: object = None) -> None:
        raise ExchangeRefused(f"there is no feed of {symbols} for {inbox}")


def a_stand(rows: Sequence[Candle], judged_from: Millis) -> Stand:
    """A series of these rows, committed to its end."""
    return Stand(SYMBOL, BASE, rows[0].opened_at, rows[-1].opened_at, judged_from, judged_from)


async def fetched(rows: Sequence[Candle], judged_from: Millis) -> tuple[Rows, HistoryOnly]:
    exchange = HistoryOnly(rows)
    (found,) = await fetched_rows(exchange, [a_stand(rows, judged_from)], rows[-1].closes_at)
    return found, exchange


async def test_a_series_that_began_lately_is_read_from_its_first_candle() -> None:
    rows = a_market(1, 900)

    found, exchange = await fetched(rows, rows[400].closes_at)

    assert exchange.asked == [(rows[0].opened_at, rows[-1].closes_at)]
    assert found.truth.rows == contiguous(rows, rows[-1].closes_at)
    assert (found.truth.earlier, found.settles_at) == (0, 0)


async def test_a_long_series_is_begun_a_thousand_candles_before_it_is_judged() -> None:
    rows = a_market(1, 4_000, absent=0.0)

    found, exchange = await fetched(rows, rows[3_000].opened_at)

    assert exchange.asked == [(rows[3_000 - LEAD].opened_at, rows[-1].closes_at)]
    assert found.truth.earlier == 3_000 - LEAD
    assert found.settles_at == rows[3_000 - LEAD + SETTLING - 1].closes_at


async def test_a_series_that_rarely_trades_is_begun_earlier() -> None:
    """A thousand candles with a hundred trades settle nothing, for the ATR stands still over the others."""
    rows = a_market(1, 12_000, absent=0.9)
    judged_from = rows[-1].opened_at - 500 * BASE.millis

    found, exchange = await fetched(rows, judged_from)

    assert len(exchange.asked) > 2
    assert all(later[0] == earlier[1] for later, earlier in pairwise(exchange.asked))
    traded = [row for row in found.truth.rows if not row.is_empty and row.closes_at <= judged_from]
    assert len(traded) >= SETTLING
    assert found.settles_at <= judged_from


@settings(max_examples=10)
@given(seed=st.integers(0, 2**32), absent=st.sampled_from([0.0, 0.5, 0.8]))
def test_once_settled_the_beginning_does_not_matter(seed: int, absent: float) -> None:
    """However rarely it trades: the same alerts, and the same values to a millionth."""
    rows = contiguous(whole := a_market(seed, 6_000, absent), whole[-1].closes_at)
    full = recomputed(TruthSeries(COINBASE, SYMBOL, BASE, rows), RULES)
    cut = rows_of(COINBASE, a_stand(rows, 0), rows[2_000:], rows[-1].closes_at)
    assert cut.truth.earlier == 2_000
    again = recomputed(cut.truth, RULES)

    ours = [one for one in again.alerts if one.closes_at > cut.settles_at]

    theirs = [one for one in full.alerts if one.closes_at > cut.settles_at]
    assert [one.id for one in ours] == [one.id for one in theirs]
    assert [one.value for one in ours] == pytest.approx([one.value for one in theirs], rel=1e-6)


def test_rows_that_never_settle_are_judged_nowhere() -> None:
    rows = a_market(2, 700, absent=0.0)

    found = rows_of(COINBASE, a_stand(rows, 0), rows[300:], rows[-1].closes_at)

    assert found.settles_at == rows[-1].closes_at


def test_holes_are_counted_and_a_series_without_rows_is_empty() -> None:
    rows = a_market(2, 300, absent=0.0)

    assert rows_of(COINBASE, a_stand(rows, 0), [*rows[:50], *rows[60:]], rows[-1].closes_at).holes == 10
    assert rows_of(COINBASE, a_stand(rows, 0), [], rows[-1].closes_at).truth.rows == ()
