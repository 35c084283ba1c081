"""Watched symbols, and the lists that people paste."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.account.symbols import (
    MOST_CHARACTERS,
    MOST_IMPORTED,
    MonitoredSymbol,
    verdicts,
    watched_once,
)
from livermore.errors import InvalidRequest

LISTED = frozenset({"BTC-USD", "ETH-USD", "SOL-USD"})


def test_a_symbol_of_everybody_is_not_watched_again_for_a_user() -> None:
    shared = MonitoredSymbol("BTC-USD", rank=1)
    mine = MonitoredSymbol("BTC-USD", tier=2, user="7")
    own = MonitoredSymbol("PEPE-USD", tier=2, user="7")
    assert watched_once([own, mine, shared]) == (shared, own)


def test_a_symbol_that_everybody_gave_up_is_watched_for_its_users() -> None:
    mine = MonitoredSymbol("BTC-USD", tier=2, user="7")
    assert watched_once([MonitoredSymbol("BTC-USD", is_active=False), mine]) == (mine,)


@given(
    st.lists(
        st.builds(
            MonitoredSymbol,
            st.sampled_from(sorted(LISTED)),
            tier=st.sampled_from((1, 2)),
            rank=st.none() | st.integers(1, 5),
            user=st.sampled_from(("1", "2")),
            is_active=st.booleans(),
        )
    )
)
def test_nobody_loses_a_symbol_and_none_is_collected_in_both_tiers(symbols: list[MonitoredSymbol]) -> None:
    kept = watched_once(symbols)
    assert {s.symbol for s in kept} == {s.symbol for s in symbols if s.is_active}
    tiers = {(s.symbol, s.tier) for s in kept}
    assert not [symbol for symbol, tier in tiers if tier == 2 and (symbol, 1) in tiers]


def test_a_list_is_read_line_by_line_with_a_verdict_each() -> None:
    found = verdicts("BTC-USD, eth/usd  # majors\n\nDOGE\nXRP-USD;BTC-USD\nsol_usd\n", LISTED, {"SOL-USD"})
    assert [(verdict.line, verdict.text, verdict.symbol, verdict.reason) for verdict in found] == [
        (1, "BTC-USD", "BTC-USD", None),
        (1, "eth/usd", "ETH-USD", None),
        (3, "DOGE", None, "is no symbol; one looks like BTC-USD"),
        (4, "XRP-USD", None, "XRP-USD is not traded on this exchange"),
        (4, "BTC-USD", None, "BTC-USD stands in the list twice"),
        (5, "sol_usd", None, "SOL-USD is watched already"),
    ]


def test_a_json_array_is_a_list_too() -> None:
    found = verdicts(json.dumps(["BTC-USD", 5, "ETH-USD"]), LISTED)
    assert [verdict.symbol for verdict in found] == ["BTC-USD", None, "ETH-USD"]


@pytest.mark.parametrize("text", ["[", '["BTC-USD"', "[" * 50_000])
def test_what_begins_like_json_and_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="begins like JSON"):
        verdicts(text, LISTED)


def test_a_list_has_an_end() -> None:
    with pytest.raises(InvalidRequest, match="entries"):
        verdicts("A-B\n" * (MOST_IMPORTED + 1), LISTED)
    with pytest.raises(InvalidRequest, match="characters"):
        verdicts(" " * (MOST_CHARACTERS + 1), LISTED)


@given(st.text(max_size=200))
def test_any_text_has_verdicts_or_is_refused(text: str) -> None:
    try:
        found = verdicts(text, LISTED)
    except InvalidRequest:
        return
    assert all((verdict.symbol is None) != (verdict.reason is None) for verdict in found)
