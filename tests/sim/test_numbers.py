"""Whole increments become decimal strings and come back exactly."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from livermore.sim.numbers import fixed, trimmed

values = st.integers(-(10**18), 10**18)


@given(values, st.integers(0, 8))
def test_trimmed_reads_back_exactly(value: int, decimals: int) -> None:
    text = trimmed(value, decimals)

    assert Decimal(text) == Decimal(value).scaleb(-decimals)
    assert not ("." in text and text[-1] in "0.")


@given(values, st.integers(0, 8))
def test_fixed_has_eight_places_and_reads_back_exactly(value: int, decimals: int) -> None:
    text = fixed(value, decimals)

    assert len(text.partition(".")[2]) == 8
    assert Decimal(text) == Decimal(value).scaleb(-decimals)


@given(values, st.integers(9, 16))
def test_fixed_cuts_off_what_does_not_fit(value: int, decimals: int) -> None:
    difference = Decimal(value).scaleb(-decimals) - Decimal(fixed(value, decimals))

    assert abs(difference) < Decimal("0.00000001")
    assert difference == 0 or (difference > 0) == (value > 0)
