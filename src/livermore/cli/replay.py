"""The verb `replay`: recorded candles through the real engine, and the alerts they would have raised."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from livermore.app.replay import Recording, alerts_of, count_by_timeframe, recording_of
from livermore.cache.codec.alert import encode_alert
from livermore.core.alerts.alert import Alert, Direction
from livermore.core.alerts.text import STAGE_COLOURS, happening, price_text
from livermore.core.market.timeframe import SECOND, Millis

_ARROWS: Final = {Direction.UP: ("▲", "green"), Direction.DOWN: ("▼", "red")}


def replay(
    files: Annotated[
        list[Path], typer.Argument(help="5m candles as CSV, oldest file first.", metavar="FILE.csv[.gz]…")
    ],
    exchange: Annotated[str, typer.Option(help="Where they were traded: coinbase, binance or binance_us.")],
    symbol: Annotated[str, typer.Option(help="What was traded, as BASE-QUOTE: BTC-USD.")],
    timeframe: Annotated[str, typer.Option(help="The length of the candles; only 5m can be fed.")] = "5m",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, as in the alert stream.")] = False,
) -> None:
    """Replay recorded 5m candles through the engine and print the [bold]alerts[/bold] they raise on all timeframes.

    Several files continue one series. Nothing is known before the first candle, so a timeframe stays silent until it
    has its 60 candles. The same files give the same bytes, however often.
    """
    recording = recording_of(files, exchange, symbol, timeframe)
    if as_json:
        for alert in alerts_of(recording):
            sys.stdout.write(f"{encode_alert(alert).decode()}\n")
        return
    console = Console()
    alerts: list[Alert] = []
    for alert in alerts_of(recording):
        console.print(_line(alert), soft_wrap=True)
        alerts.append(alert)
    Console(stderr=True).print(_summary(recording, alerts), soft_wrap=True)


def _line(alert: Alert) -> Text:
    arrow, colour = _ARROWS[alert.direction]
    return Text.assemble(
        (_utc(alert.closes_at), "dim"),
        f"  {alert.symbol}  {alert.timeframe:>3}  ",
        (f"{arrow} {happening(alert):<26}", colour),
        f"  MACD-V {alert.value:>8.2f} (before {alert.previous_value:.2f})  at {price_text(alert.price)}  ",
        (alert.stage.value, STAGE_COLOURS[alert.stage]),
        f", {alert.bias}",
    )


def _summary(recording: Recording, alerts: list[Alert]) -> Text:
    first, last = recording.candles[0], recording.candles[-1]
    silent = (last.closes_at - first.opened_at) // first.timeframe.millis - len(recording.candles)
    counts = ", ".join(f"{count} on {timeframe}" for timeframe, count in count_by_timeframe(alerts).items())
    return Text(
        f"{recording.exchange.display_name} {recording.symbol}, {_utc(first.opened_at)} to {_utc(last.closes_at)} UTC: "
        f"{len(recording.candles):,} candles, {silent:,} buckets without trades, {len(alerts):,} alerts"
        + (f" ({counts})" if counts else "")
    )


def _utc(instant: Millis) -> str:
    return datetime.fromtimestamp(instant / SECOND, UTC).strftime("%Y-%m-%d %H:%M")
