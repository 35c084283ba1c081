"""Accounts and fees in JSON's types: amounts as exact strings, names in camelCase, and null for what is not known."""

from decimal import Decimal
from typing import Final, TypeAlias

from livermore.core.account.account import FeeTier, FillHistory, KeyWarning
from livermore.core.account.fees import FeeLine, FeeReport
from livermore.core.account.money import EXACT, rounded

RATIO_PLACES: Final = 8
Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


def exact_text(value: Decimal | None) -> str | None:
    """An amount, every digit of it.

    >>> exact_text(Decimal("1.500E+3")), exact_text(None)
    ('1500', None)
    """
    # The context's own way: the everyday one would round to 28 digits.
    return None if value is None else f"{EXACT.normalize(value):f}"


def ratio_text(value: Decimal | None) -> str | None:
    """A quotient, to eight places."""
    return None if value is None else exact_text(rounded(value, RATIO_PLACES))


def warning_json(warning: KeyWarning) -> dict[str, Json]:
    """A warning of a key."""
    return {"code": warning.code, "text": warning.text}


def tier_json(tier: FeeTier) -> dict[str, Json]:
    """What is charged at present."""
    return {
        "name": tier.name,
        "makerRate": exact_text(tier.maker_rate),
        "takerRate": exact_text(tier.taker_rate),
        "volume30d": exact_text(tier.volume_30d),
        "fees30d": exact_text(tier.fees_30d),
    }


def line_json(line: FeeLine) -> dict[str, Json]:
    """A line of fees."""
    return {
        "symbol": line.symbol,
        "side": None if line.side is None else line.side.value,
        "month": line.month,
        "currency": line.currency,
        "orders": line.orders,
        "fills": line.fills,
        "volume": exact_text(line.volume),
        "fees": exact_text(line.fees),
        "ratePercent": ratio_text(line.rate_percent),
        "feePerOrder": ratio_text(line.fee_per_order),
        "otherFees": [{"currency": name, "amount": exact_text(amount)} for name, amount in line.elsewhere],
    }


def report_json(report: FeeReport, most: int | None = None) -> dict[str, Json]:
    """The five views of fees, each cut after `most` lines where that is said; `isCut` tells whether one was."""
    views = {
        "lines": report.lines,
        "sides": report.sides,
        "symbols": report.symbols,
        "months": report.months,
        "totals": report.totals,
    }
    told: dict[str, Json] = {name: [line_json(line) for line in lines[:most]] for name, lines in views.items()}
    return {**told, "isCut": any(len(lines[:most]) < len(lines) for lines in views.values())}


def history_json(history: FillHistory) -> dict[str, Json]:
    """How many fills were read, and what has to be said of them."""
    return {"fills": len(history.fills), "remarks": list(history.remarks)}
