"""Fees add up exactly, whichever way they are seen, and only where they are in one currency."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given

from core.account.trades import NOON, a_fill, fills
from livermore.core.account.account import Fill, Side
from livermore.core.account.fees import FeeLine, fee_in_quote, fee_report, month_of

OCTOBER = NOON - 31 * 86_400_000


@given(fills())
def test_every_view_adds_up_to_the_totals(given_fills: list[Fill]) -> None:
    report = fee_report(given_fills)

    for total in report.totals:
        for view in (report.lines, report.sides, report.symbols, report.months):
            same = [line for line in view if line.currency == total.currency]
            assert sum(line.fills for line in same) == total.fills
            assert sum((Fraction(line.volume) for line in same), Fraction(0)) == Fraction(total.volume)
            assert sum((Fraction(line.fees) for line in same), Fraction(0)) == Fraction(total.fees)


@given(fills())
def test_the_totals_are_the_brute_sums(given_fills: list[Fill]) -> None:
    report = fee_report(given_fills)

    for total in report.totals:
        mine = [fill for fill in given_fills if fill.symbol.endswith("-" + total.currency)]
        in_quote = [Fraction(fill.fee) for fill in mine if fill.fee_currency == fill.quote]
        in_base = [Fraction(fill.fee) * Fraction(fill.price) for fill in mine if fill.fee_currency == fill.base]
        assert Fraction(total.volume) == sum((Fraction(fill.value) for fill in mine), Fraction(0))
        assert Fraction(total.fees) == sum(in_quote + in_base, Fraction(0))


@given(fills())
def test_a_fill_that_is_told_twice_counts_once(given_fills: list[Fill]) -> None:
    assert fee_report([*given_fills, *reversed(given_fills)]) == fee_report(given_fills)


def test_lines_are_in_the_order_of_a_table() -> None:
    report = fee_report(
        [
            a_fill(1, "ETH-USD", Side.SELL, fee="9"),
            a_fill(2, "ETH-USD", Side.BUY, fee="1", at=OCTOBER),
            a_fill(3, "BTC-USD", Side.SELL, fee="2"),
            a_fill(4, "BTC-USD", Side.BUY, fee="3"),
        ]
    )

    assert [(line.symbol, line.side) for line in report.sides] == [
        ("BTC-USD", Side.BUY),
        ("BTC-USD", Side.SELL),
        ("ETH-USD", Side.BUY),
        ("ETH-USD", Side.SELL),
    ]
    assert [line.symbol for line in report.symbols] == ["ETH-USD", "BTC-USD"], "the most expensive first"
    assert [line.month for line in report.months] == ["2026-10", "2026-11"]


def test_a_fee_in_the_base_currency_is_worth_the_price_of_its_fill() -> None:
    fill = a_fill(symbol="BTC-USDT", price="60000", size="0.5", fee="0.0005", fee_currency="BTC")

    assert fee_in_quote(fill) == Decimal(30)
    assert fee_report([fill]).totals[0].rate_percent == Decimal("0.1")


def test_a_fee_in_a_third_currency_is_listed_apart_and_makes_the_rate_unknown() -> None:
    report = fee_report(
        [
            a_fill(1, "BTC-USDT", fee="0.01", fee_currency="BNB"),
            a_fill(2, "BTC-USDT", fee="0.02", fee_currency="BNB"),
            a_fill(3, "BTC-USDT", fee="0.1"),
        ]
    )
    total = report.totals[0]

    assert total.elsewhere == (("BNB", Decimal("0.03")),)
    assert total.fees == Decimal("0.1")
    assert total.rate_percent is None
    assert total.fee_per_order is None


def test_orders_are_counted_once_however_many_fills_they_took() -> None:
    report = fee_report([a_fill(1, order="one", fee="1"), a_fill(2, order="one", fee="2"), a_fill(3, fee="6")])
    total = report.totals[0]

    assert (total.orders, total.fills) == (2, 3)
    assert total.fee_per_order == Decimal("4.5")


def test_a_line_without_volume_has_no_rate() -> None:
    line = FeeLine("USD", None, None, None, 0, 0, Decimal(0), Decimal(0))

    assert line.rate_percent is None
    assert line.fee_per_order is None


def test_the_month_is_that_of_the_fill_in_utc() -> None:
    assert month_of(1_796_083_199_999) == "2026-11"
    assert month_of(1_796_083_200_000) == "2026-12"
