"""Amounts survive the way through JSON without losing a digit."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given

from core.account.trades import a_fill, fills
from livermore.core.account.account import FeeTier, Fill, FillHistory, KeyWarning
from livermore.core.account.account_json import (
    exact_text,
    history_json,
    line_json,
    ratio_text,
    report_json,
    tier_json,
    warning_json,
)
from livermore.core.account.fees import fee_report


@given(fills())
def test_amounts_are_told_with_every_digit(given_fills: list[Fill]) -> None:
    for line in fee_report(given_fills).lines:
        told = line_json(line)
        assert Fraction(str(told["volume"])) == Fraction(line.volume)
        assert Fraction(str(told["fees"])) == Fraction(line.fees)
        assert "E" not in str(told["volume"])


def test_long_amounts_are_not_rounded_and_ratios_are() -> None:
    long = Decimal("1234567890123456789012345678901234567890.123456789")

    assert exact_text(long) == "1234567890123456789012345678901234567890.123456789"
    assert ratio_text(Decimal(1) / Decimal(3)) == "0.33333333"
    assert ratio_text(None) is None


def test_what_is_not_known_is_null() -> None:
    tier = tier_json(FeeTier(None, Decimal("0.0010"), Decimal("0.001")))

    assert tier == {"name": None, "makerRate": "0.001", "takerRate": "0.001", "volume30d": None, "fees30d": None}
    (line,) = fee_report([a_fill(fee="1", fee_currency="BNB")]).totals
    assert line_json(line)["ratePercent"] is None
    assert line_json(line)["otherFees"] == [{"currency": "BNB", "amount": "1"}]


def test_a_long_report_is_cut_where_that_is_asked_for_and_says_so() -> None:
    report = fee_report([a_fill(number, f"C{number}-USD") for number in range(12)])
    cut, whole = report_json(report, 10), report_json(report)

    assert [len(cut[name]) for name in ("lines", "symbols", "totals")] == [10, 10, 1]  # type: ignore[arg-type]
    assert [len(whole[name]) for name in ("lines", "symbols", "totals")] == [12, 12, 1]  # type: ignore[arg-type]
    assert (cut["isCut"], whole["isCut"]) == (True, False)


def test_warnings_and_remarks_are_told() -> None:
    assert warning_json(KeyWarning("may_trade", "words")) == {"code": "may_trade", "text": "words"}
    assert history_json(FillHistory((a_fill(),), ("a remark",))) == {"fills": 1, "remarks": ["a remark"]}
