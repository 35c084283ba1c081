"""The verb `fees`: what trading at an exchange has cost."""

import sys
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from livermore.app.fee_rows import (
    PLAIN,
    TABLE_COLUMNS,
    FeeRow,
    as_csv,
    as_markdown,
    as_object,
    cells,
    month_rows,
    nested_rows,
    tier_text,
)
from livermore.app.fees import Fees, FeesSettings, read_fees
from livermore.app.redis_settings import HOME
from livermore.cli.audit import instant
from livermore.cli.running import PlainConsole, run_until_ended
from livermore.config import read_environment
from livermore.core.account.account import CredentialNames
from livermore.core.market.exchange import exchange_named
from livermore.errors import InvalidRequest

WIDEST: Final = 400


def fees(
    exchange: Annotated[str, typer.Argument(help="coinbase, binance or binance_us.")],
    since: Annotated[str | None, typer.Option("--from", help="Only fills from then on.", metavar="ISO|MS")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Only fills before then.", metavar="ISO|MS")] = None,
    symbol: Annotated[list[str] | None, typer.Option(help="Only this symbol; may be repeated.")] = None,
    simulated: Annotated[
        bool, typer.Option("--sim", help="Ask the simulator of the livermore up that runs here, with its own key.")
    ] = False,
    key_variable: Annotated[
        str | None, typer.Option("--key-variable", help="The variable that holds the key, if not the usual one.")
    ] = None,
    secret_variable: Annotated[
        str | None, typer.Option("--secret-variable", help="The variable that holds the secret.")
    ] = None,
    as_md: Annotated[bool, typer.Option("--markdown", help="As a report in Markdown.")] = False,
    as_rows: Annotated[bool, typer.Option("--csv", help="As CSV, exact to the last digit.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show what an exchange charges, and what filled orders have cost by [bold]symbol, side and month[/bold].

    The credentials are read from LIVERMORE_COINBASE_API_KEY and LIVERMORE_COINBASE_API_SECRET (or _BINANCE_,
    _BINANCE_US_). A key that may only view is all it needs: one that may trade or move money is warned of.
    """
    if as_md + as_rows + as_json > 1:
        raise InvalidRequest("--markdown, --csv and --json exclude each other")
    if (key_variable is None) != (secret_variable is None):
        raise InvalidRequest("--key-variable and --secret-variable go together")
    names = None
    if key_variable is not None and secret_variable is not None:
        names = CredentialNames(key_variable, secret_variable)
    settings = FeesSettings(
        exchange_named(exchange),
        None if since is None else instant("--from", since),
        None if until is None else instant("--to", until),
        tuple(dict.fromkeys(symbol or ())),
        names,
        simulated,
    )
    found = run_until_ended(read_fees(settings, read_environment(), HOME))
    if as_md:
        sys.stdout.write(as_markdown(found))
        return
    if as_rows or as_json:
        sys.stdout.write(as_csv(found) if as_rows else f"{msgspec.json.encode(as_object(found)).decode()}\n")
        for warning in found.account.warnings():
            sys.stderr.write(f"livermore: warning: {warning.text}\n")
        return
    show(found, PlainConsole())


def show(found: Fees, console: Console) -> None:
    """Print the summary, the warnings and both tables."""
    mark = (" (simulated)", "yellow") if found.is_simulated else ""
    heading = Text.assemble((found.exchange.display_name, "bold"), mark, f"  {tier_text(found.account.tier)}")
    console.print(heading, soft_wrap=True)
    for warning in found.account.warnings():
        console.print(Text(f"warning: {warning.text}", "bold red"), soft_wrap=True)
    for remark in found.account.history.remarks:
        console.print(Text(f"note: {remark}", "dim"), soft_wrap=True)
    if not found.report.totals:
        console.print("no filled orders")
        return
    for rows, title in ((nested_rows, "fees by symbol, side and month"), (month_rows, "fees by month")):
        table = _table(list(rows(found.report)), title)
        # A number is never cut off, however narrow the terminal.
        table.width = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
        console.print(table, crop=False)


def _table(rows: list[FeeRow], title: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title=title, title_justify="left")
    for name in TABLE_COLUMNS:
        table.add_column(name, justify="left" if name in {"symbol", "side", "month"} else "right", no_wrap=True)
    for row in rows:
        table.add_row(*cells(row), style="" if row.level in PLAIN else "bold")
    return table
