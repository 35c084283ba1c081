"""The verb `audit`: proof that the alerts of a period are those that its candles ask for."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
import typer
import uvloop
from rich.console import Console
from rich.table import Table
from rich.text import Text

from livermore.app.audit import Audit, AuditSettings, run_audit
from livermore.app.redis_settings import HOME
from livermore.audit.explain import utc
from livermore.audit.finding import DAMAGE, ExchangeAudit, Finding, Kind, Point
from livermore.config import read_environment
from livermore.core.alerts.text import price_text
from livermore.core.market.exchange import exchange_named
from livermore.core.market.timeframe import SECOND, Millis
from livermore.errors import InvalidRequest

DAMAGED: Final = 1
LATEST: Millis = 253_402_300_799_999
"""The end of the year 9999, after which no date is written as we do."""
ROWS_SHOWN: Final = 30
"""Of each kind and exchange; JSON has all."""


def audit(
    exchange: Annotated[list[str] | None, typer.Option(help="Only this exchange; may be repeated.")] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Candles that close after this instant.", metavar="ISO|MS")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", help="Candles that close up to this instant.", metavar="ISO|MS")
    ] = None,
    symbol: Annotated[list[str] | None, typer.Option(help="Only this symbol; may be repeated.")] = None,
    from_store: Annotated[
        bool, typer.Option("--from-store", help="Take the stored candles for true; the exchange is not asked.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as one JSON object.")] = False,
) -> None:
    """Prove that no alert was missed, false or raised twice.

    The candles of the period come from the exchange's own history; indicators and rules are computed again from nothing
    else, and compared with the stream of alerts. Without a period it is all that was watched.

    It reads the store that LIVERMORE_REDIS_HOST names, or that of a `livermore up` that runs in this directory. Exit
    status 1 says that something was missed, false, duplicate or differing.
    """
    settings = AuditSettings(
        tuple(exchange_named(name) for name in dict.fromkeys(exchange or ())),
        None if since is None else instant("--from", since),
        None if until is None else instant("--to", until),
        tuple(dict.fromkeys(symbol or ())),
        from_store,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(run_audit(settings, read_environment(), HOME))
    if as_json:
        sys.stdout.write(f"{msgspec.json.encode(as_object(found)).decode()}\n")
    else:
        show(found, Console())
    if not found.is_clean:
        raise typer.Exit(DAMAGED)


def instant(option: str, text: str) -> Millis:
    """What an option says, as Millis: a number of milliseconds, or a date and time, which is UTC where it says nothing.

    Raises:
        InvalidRequest: when it is neither.
    """
    if text.isdecimal() and int(text) <= LATEST:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InvalidRequest(
            f"{option} {text!r} is no instant; write 2026-11-22, 2026-11-22T14:30Z or milliseconds since 1970"
        ) from exc
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return round(moment.timestamp() * SECOND)


# ------------------------------------------------------------------------------------------------ for machines


def as_object(found: Audit) -> dict[str, object]:
    """The whole audit in JSON's types, names in camelCase, times in ms UTC."""
    return {
        "isClean": found.is_clean,
        "seconds": round(found.seconds, 3),
        "waitedSeconds": round(found.waited_seconds, 3),
        "exchanges": [_exchange_object(one) for one in found.exchanges],
    }


def _exchange_object(one: ExchangeAudit) -> dict[str, object]:
    counts = {kind.value: count for kind, count in one.counts.items()}
    return {
        "exchangeId": one.exchange.id,
        "exchangeName": one.exchange.name,
        "simulated": one.is_simulated,
        "isClean": one.is_clean,
        "from": one.since,
        "to": one.until,
        "series": one.series,
        "candles": one.candles,
        "counts": {"expected": one.outcome.expected, "found": one.outcome.found, **counts},
        "notes": list(one.notes),
        "findings": [_finding_object(finding) for finding in one.outcome.findings],
    }


def _finding_object(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind.value,
        "id": finding.alert_id,
        "symbol": finding.symbol,
        "timeframe": finding.timeframe,
        "openTime": finding.opened_at,
        "closeTime": finding.closes_at,
        "label": finding.label,
        "expected": _point_object(finding.expected),
        "found": _point_object(finding.found),
        "detail": finding.detail,
        "reason": finding.reason,
    }


def _point_object(point: Point | None) -> dict[str, float] | None:
    return None if point is None else {"value": point.value, "price": point.price}


# ------------------------------------------------------------------------------------------------ for people


def show(found: Audit, console: Console) -> None:
    """Print each exchange: the counts first, then a row for each finding."""
    for one in found.exchanges:
        console.print(_heading(one), soft_wrap=True)
        console.print(_counts(one, console.width), crop=False)
        for row in _rows(one):
            console.print(row, soft_wrap=True)
        for note in one.notes:
            console.print(Text(f"note: {note}", "dim"), soft_wrap=True)
        console.print()
    verdict = Text("nothing missed, nothing false, nothing twice", "bold green")
    if not found.is_clean:
        verdict = Text("the alerts are not what the candles ask for", "bold red")
    candles = sum(one.candles for one in found.exchanges)
    took = f"  {candles:,} candles in {found.seconds:.1f} s, of which {found.waited_seconds:.1f} s waiting for them"
    console.print(verdict.append(took, "dim"), soft_wrap=True)


def _heading(one: ExchangeAudit) -> Text:
    return Text.assemble(
        (one.exchange.display_name, "bold"),
        (" (simulated)" if one.is_simulated else "", "yellow"),
        f"  {utc(one.since)} to {utc(one.until)}, {one.series:,} series, {one.candles:,} candles",
    )


def _counts(one: ExchangeAudit, width: int) -> Table:
    """The counts by name; where that is too wide, what is none and need not be looked for is left out."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    cells = {"expected": Text(f"{one.outcome.expected:,}"), "found": Text(f"{one.outcome.found:,}")}
    for kind, count in one.counts.items():
        if kind is not Kind.UNJUDGED or count:
            cells[kind.value] = Text(f"{count:,}", _colour(kind) if count else "green" if kind in DAMAGE else "dim")
    spare = [kind.value for kind, count in one.counts.items() if not count and kind not in DAMAGE]
    while spare and sum(max(len(name), len(cell)) + 1 for name, cell in cells.items()) > width:
        cells.pop(spare.pop(0), None)
    for name in cells:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_row(*cells.values())
    return table


def _rows(one: ExchangeAudit) -> Iterator[Text]:
    """A line for each finding, its reason on a second one; the newest first, and damage before all else."""
    for kind in Kind:
        findings = [finding for finding in one.outcome.findings if finding.kind is kind]
        findings.sort(key=lambda finding: -(finding.closes_at or 0))
        for finding in findings[:ROWS_SHOWN]:
            yield _row(finding)
        if len(findings) > ROWS_SHOWN:
            yield Text(f"{kind.value:<9} … and {len(findings) - ROWS_SHOWN:,} more; --json has all", _colour(kind))


def _row(finding: Finding) -> Text:
    closed = "" if finding.closes_at is None else utc(finding.closes_at)
    place = f" {closed:<17}  {finding.symbol:<11} {finding.timeframe or '':>3}  {finding.label:<20} "
    says = [f"{word} {_point_text(point)}" for word, point in _told(finding) if point is not None]
    reason = finding.reason or ("unexplained" if finding.kind in DAMAGE else "")
    why = "; ".join(part for part in (finding.detail, reason) if part)
    return Text.assemble(
        (f"{finding.kind.value:<9}", _colour(finding.kind)),
        place,
        ", ".join(says),
        (f"\n{'':<10}{why}" if why else "", "dim"),
    )


def _told(finding: Finding) -> tuple[tuple[str, Point | None], tuple[str, Point | None]]:
    if finding.kind is Kind.AMENDED:
        return ("first", finding.found), ("then", finding.expected)
    return ("expected", finding.expected), ("raised", finding.found)


def _colour(kind: Kind) -> str:
    if kind in DAMAGE:
        return "bold red"
    return "dim" if kind in {Kind.PENDING, Kind.UNJUDGED} else "yellow"


def _point_text(point: Point) -> str:
    return f"{point.value:.2f} at {price_text(point.price)}"
