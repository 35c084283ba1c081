"""The verb `macdv`: MACD-V of a file of candles, as CSV."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from livermore.app.macdv import macdv_table


def macdv(
    file: Annotated[Path, typer.Argument(help="Candles as CSV, plain or gzipped.", metavar="FILE.csv[.gz]")],
    timeframe: Annotated[
        str | None,
        typer.Option(help="5m, 15m, 1h, 4h or 1d; told by the rows themselves unless named.", show_default=False),
    ] = None,
    show_empty: Annotated[
        bool, typer.Option("--show-empty", help="Show buckets without trades too, marked in a last column.")
    ] = False,
) -> None:
    """Compute [bold]MACD-V[/bold] for a file of candles and print it as CSV.

    The file has a header with [cyan]timestamp[/cyan] (or [cyan]t[/cyan]), [cyan]open, high, low, close[/cyan] and, if
    it is known, [cyan]volume[/cyan]; other columns are passed over. Timestamps are openings in milliseconds or seconds
    since the epoch, oldest first. Buckets that are absent had no trades: the averages of the close advance over them,
    the true range waits.

    Printed are [cyan]timestamp, close, ema12, ema26, atr26, macd_v, signal, histogram, stage[/cyan], with timestamps in
    milliseconds, numbers in full precision, and blanks where a number is not defined. A file with a wrong line prints
    nothing but that line's number.
    """
    for line in macdv_table(file, timeframe, show_empty=show_empty):
        sys.stdout.write(f"{line}\n")
