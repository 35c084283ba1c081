"""What a symbol looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.market.symbol import checked_symbol, is_symbol, symbol_spelled


@pytest.mark.parametrize("symbol", ["BTC-USD", "1000SATS-USDT", "币安人生-USDT"])
def test_a_symbol_is_two_names_with_a_dash(symbol: str) -> None:
    assert checked_symbol(symbol) == symbol


@pytest.mark.parametrize(
    "symbol",
    [
        "",
        "BTC",
        "-USD",
        "BTC-",
        "BTC USD-X",
        "BTC-USD:5m",
        "*-USD",
        "{1}-USD",
        "A-B-C",
        "A-\x00B",
        "A" * 20 + "-" + "B" * 20,
    ],
)
def test_what_would_hurt_a_key_is_no_symbol(symbol: str) -> None:
    with pytest.raises(ValueError, match="symbol"):
        checked_symbol(symbol)


@given(st.text())
def test_whatever_is_taken_for_a_symbol_cannot_end_a_key(text: str) -> None:
    try:
        symbol = checked_symbol(text)
    except ValueError:
        return
    assert not set(symbol) & set(":{}*?[] \n\\")


@given(st.text(max_size=50))
def test_a_spelled_symbol_is_spelled_alike_again(text: str) -> None:
    symbol = symbol_spelled(text)
    assert symbol is None or symbol_spelled(symbol) == symbol


@pytest.mark.parametrize(
    "text", ["A-", "-B", "A-B-C", "A:B-C", "A*-B", "A-B\x00", "'; DROP TABLE", "<b>-USD" + "x" * 40]
)
def test_what_could_break_a_key_is_no_symbol(text: str) -> None:
    assert symbol_spelled(text) is None


@given(st.text(max_size=50))
def test_what_is_a_symbol_is_one_by_every_rule(text: str) -> None:
    spelled = symbol_spelled(text)
    assert spelled is None or checked_symbol(spelled) == spelled
    assert not is_symbol(text) or checked_symbol(text) == text
