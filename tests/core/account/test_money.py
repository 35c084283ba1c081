"""Amounts are exact, and what is no amount is refused."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.core.account.money import amount, percent, ratio, rounded, times, total
from livermore.errors import MalformedMessage

amounts = st.decimals("-1e20", "1e20", places=18, allow_nan=False, allow_infinity=False)


@given(st.lists(amounts, max_size=40))
def test_a_sum_is_exact(parts: list[Decimal]) -> None:
    assert Fraction(total(parts)) == sum((Fraction(part) for part in parts), Fraction(0))


@given(amounts, amounts)
def test_a_product_is_exact(left: Decimal, right: Decimal) -> None:
    assert Fraction(times(left, right)) == Fraction(left) * Fraction(right)


def test_a_tenth_three_times_is_three_tenths() -> None:
    assert total([amount("0.1")] * 3) == Decimal("0.3")


@given(st.text(max_size=80))
def test_whatever_is_written_is_an_amount_or_malformed(text: str) -> None:
    try:
        assert amount(text).is_finite()
    except MalformedMessage:
        return


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e99", "1e-99", "abc", "0x10", "9" * 61, "1,5"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        amount(text)


def test_nothing_in_percent_of_nothing_is_unknown() -> None:
    assert ratio(Decimal(1), Decimal(0)) is None
    assert percent(Decimal(0), Decimal(0)) is None
    assert percent(Decimal("1.5"), Decimal(200)) == Decimal("0.75")


def test_rounding_is_half_to_even_and_never_scientific() -> None:
    assert f"{rounded(Decimal('0.125'), 2):f}" == "0.12"
    assert f"{rounded(Decimal('1E-9'), 2):f}" == "0.00"
