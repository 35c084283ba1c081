"""Fees as rows: one order of lines and sub-totals for people, spreadsheets and programs."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from livermore.app.fees import Fees
from livermore.core.account.account import FeeTier
from livermore.core.account.account_json import exact_text, ratio_text, report_json, tier_json, warning_json
from livermore.core.account.fees import FeeLine, FeeReport
from livermore.core.account.money import HUNDRED, rounded, times

RATE_PLACES: Final = 4
MONEY_PLACES: Final = 2
PLAIN: Final = frozenset({"line", "month"})
"""The levels that are no sums of the rows above them."""
UNKNOWN: Final = "unknown"
CSV_COLUMNS: Final = (
    "level",
    "symbol",
    "side",
    "month",
    "currency",
    "orders",
    "fills",
    "volume",
    "fees",
    "rate_percent",
    "fee_per_order",
    "other_fees",
)
TABLE_COLUMNS: Final = ("symbol", "side", "month", "orders", "fills", "volume", "fees", "rate %", "per order")


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A line and how deep it sums: ``line``, ``side``, ``symbol``, ``month`` or ``total``."""

    level: str
    line: FeeLine


def nested_rows(report: FeeReport) -> Iterator[FeeRow]:
    """By symbol, side and month, each side and symbol followed by its sub-total, and the totals of each currency."""
    for total in report.totals:
        currency = total.currency
        sides = [line for line in report.sides if line.currency == currency]
        by_symbol = {line.symbol: line for line in report.symbols if line.currency == currency}
        for symbol in sorted(by_symbol, key=lambda name: name or ""):
            for side in (line for line in sides if line.symbol == symbol):
                yield from (
                    FeeRow("line", line)
                    for line in report.lines
                    if (line.currency, line.symbol, line.side) == (currency, symbol, side.side)
                )
                yield FeeRow("side", side)
            yield FeeRow("symbol", by_symbol[symbol])
        yield FeeRow("total", total)


def month_rows(report: FeeReport) -> Iterator[FeeRow]:
    """The months, oldest first, and the totals."""
    yield from (FeeRow("month", line) for line in report.months)
    yield from (FeeRow("total", line) for line in report.totals)


def cells(row: FeeRow) -> tuple[str, ...]:
    """A row as people read it, in the order of `TABLE_COLUMNS`."""
    line = row.line
    names = (line.symbol or "", line.side or "", line.month or "")
    if row.level == "total":
        names = ("total", "", "")
    elif row.level in {"side", "symbol"}:
        names = (names[0], names[1] or "both", "all")
    return (
        *names,
        f"{line.orders:,}",
        f"{line.fills:,}",
        f"{money(line.volume)} {line.currency}",
        _fees_text(line),
        UNKNOWN if line.rate_percent is None else f"{rounded(line.rate_percent, RATE_PLACES):f}",
        UNKNOWN if line.fee_per_order is None else money(line.fee_per_order),
    )


def money(value: Decimal) -> str:
    """An amount with two places and separators.

    >>> money(Decimal("12345.675"))
    '12,345.68'
    """
    return f"{rounded(value, MONEY_PLACES):,f}"


def rate(fraction: Decimal) -> str:
    """A rate as a percentage.

    >>> rate(Decimal("0.006"))
    '0.600 %'
    """
    return f"{rounded(times(fraction, HUNDRED), 3):f} %"


def tier_text(tier: FeeTier) -> str:
    """What is charged at present, in a line."""
    name = f"tier {tier.name}, " if tier.name else ""
    said = f"{name}maker {rate(tier.maker_rate)}, taker {rate(tier.taker_rate)}"
    if tier.volume_30d is not None:
        said += f", volume of 30 days {money(tier.volume_30d)} USD"
    if tier.fees_30d is not None:
        said += f", fees of 30 days {money(tier.fees_30d)} USD"
    return said


def as_csv(fees: Fees) -> str:
    """All rows, amounts exact to the last digit, ratios to eight places."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    months = (FeeRow("month", line) for line in fees.report.months)
    for row in (*nested_rows(fees.report), *months):
        line = row.line
        writer.writerow(
            [
                row.level,
                line.symbol or "",
                line.side or "",
                line.month or "",
                line.currency,
                line.orders,
                line.fills,
                exact_text(line.volume),
                exact_text(line.fees),
                ratio_text(line.rate_percent) or "",
                ratio_text(line.fee_per_order) or "",
                " ".join(f"{exact_text(amount)} {name}" for name, amount in line.elsewhere),
            ]
        )
    return out.getvalue()


def as_markdown(fees: Fees) -> str:
    """A report to file away: the summary, the warnings, and both tables."""
    mark = " (simulated)" if fees.is_simulated else ""
    lines = [
        f"# Fees at {fees.exchange.display_name}{mark}",
        "",
        f"Charged at present: {tier_text(fees.account.tier)}.",
    ]
    lines += [f"> **Warning:** {warning.text}." for warning in fees.account.warnings()]
    lines += [f"> Note: {remark}." for remark in fees.account.history.remarks]
    for heading, rows in (
        ("By symbol, side and month", nested_rows(fees.report)),
        ("By month", month_rows(fees.report)),
    ):
        lines += ["", f"## {heading}", "", _markdown_row(TABLE_COLUMNS), "|---|---|---|---:|---:|---:|---:|---:|---:|"]
        lines += [_markdown_row(cells(row), is_bold=row.level not in PLAIN) for row in rows]
    return "\n".join(lines) + "\n"


def as_object(fees: Fees) -> dict[str, object]:
    """Everything in JSON's types, amounts as exact strings, names in camelCase."""
    return {
        "exchangeId": fees.exchange.id,
        "exchangeName": fees.exchange.name,
        "simulated": fees.is_simulated,
        "warnings": [warning_json(warning) for warning in fees.account.warnings()],
        "remarks": list(fees.account.history.remarks),
        "tier": tier_json(fees.account.tier),
        **report_json(fees.report),
    }


def _fees_text(line: FeeLine) -> str:
    others = (f"{exact_text(amount)} {name}" for name, amount in line.elsewhere)
    return " + ".join((f"{money(line.fees)} {line.currency}", *others))


def _markdown_row(texts: tuple[str, ...], *, is_bold: bool = False) -> str:
    shown = (f"**{text}**" if is_bold and text else text for text in texts)
    return f"| {' | '.join(shown)} |"
