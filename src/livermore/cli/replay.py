"""The verb `replay`: recorded candles or a recorded session through the real engine, and the alerts they raise."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from livermore.app.candle_file import read_rows
from livermore.app.recording import RecordedSession
from livermore.app.replay import Recording, alerts_of, count_by_timeframe, recording_of
from livermore.cache.codec.alert import encode_alert
from livermore.core.alerts.alert import Alert, Direction
from livermore.core.alerts.text import STAGE_COLOURS, happening, price_text
from livermore.core.market.timeframe import SECOND, Millis
from livermore.errors import InvalidRequest
from livermore.runtime.recording_lines import effect_line
from livermore.runtime.recording_playback import is_recording

_ARROWS: Final = {Direction.UP: ("▲", "green"), Direction.DOWN: ("▼", "red")}


def replay(
    files: Annotated[
        list[Path],
        typer.Argument(help="5m candles as CSV, oldest file first, or a recorded session.", metavar="FILE…"),
    ],
    exchange: Annotated[
        str | None, typer.Option(help="Where the candles were traded: coinbase, binance or binance_us.")
    ] = None,
    symbol: Annotated[str | None, typer.Option(help="What was traded, as BASE-QUOTE: BTC-USD.")] = None,
    timeframe: Annotated[str, typer.Option(help="The length of the candles; only 5m can be fed.")] = "5m",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, as in the alert stream.")] = False,
    with_effects: Annotated[
        bool, typer.Option("--effects", help="All that the engine did, as JSON lines; of a recorded session only.")
    ] = False,
) -> None:
    """Replay recorded 5m candles or a recorded session through the engine and print the [bold]alerts[/bold] it raises.

    Several files of candles continue one series. Nothing is known before the first candle, so a timeframe stays silent
    until it has its 60 candles.

    What `livermore instance --record FILE` has written is replayed from its first file, which knows its exchange and
    symbols and finds those that go on from it. The same files give the same bytes, however often.
    """
    if as_json and with_effects:
        raise InvalidRequest("--json and --effects exclude each other")
    if files[0].is_file() and is_recording(files[0]):
        _replay_session(_only(files, exchange, symbol), as_json=as_json, with_effects=with_effects)
        return
    if exchange is None or symbol is None:
        # What holds no candles either is told so: no option would mend that.
        read_rows(files[0])
        absent = "--exchange" if exchange is None else "--symbol"
        raise InvalidRequest(f"Missing option '{absent}': {files[0]} is no recorded session, and candles need it")
    if with_effects:
        raise InvalidRequest("only a recorded session has effects; candles have alerts")
    _replay_candles(recording_of(files, exchange, symbol, timeframe), as_json=as_json)


def _replay_candles(recording: Recording, *, as_json: bool) -> None:
    if as_json:
        _print_json(alerts_of(recording))
        return
    alerts = _print_lines(alerts_of(recording))
    Console(stderr=True).print(_summary(recording, alerts), soft_wrap=True)


def _only(files: list[Path], exchange: str | None, symbol: str | None) -> Path:
    if len(files) > 1:
        raise InvalidRequest(f"{files[0]} is a recorded session: name only its first file, the others are found")
    if exchange is not None or symbol is not None:
        raise InvalidRequest(f"{files[0]} is a recorded session: it knows its exchange and its symbols")
    return files[0]


def _replay_session(path: Path, *, as_json: bool, with_effects: bool) -> None:
    session = RecordedSession(path)
    if with_effects:
        for effect, _ in session.effects():
            sys.stdout.buffer.write(effect_line(effect))
    elif as_json:
        _print_json(session.alerts())
    else:
        alerts = _print_lines(session.alerts())
        Console(stderr=True).print(_summary_of_session(session, alerts), soft_wrap=True)
    for notice in (session.caution, session.playback.ending if session.playback.is_cut else None):
        if notice is not None:
            sys.stderr.write(f"{path}: {notice}\n")


def _print_json(alerts: Iterable[Alert]) -> None:
    for alert in alerts:
        sys.stdout.write(f"{encode_alert(alert).decode()}\n")


def _print_lines(alerts: Iterable[Alert]) -> list[Alert]:
    console = Console()
    printed: list[Alert] = []
    for alert in alerts:
        console.print(_line(alert), soft_wrap=True)
        printed.append(alert)
    return printed


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
    return Text(
        f"{recording.exchange.display_name} {recording.symbol}, {_utc(first.opened_at)} to {_utc(last.closes_at)} UTC: "
        f"{len(recording.candles):,} candles, {silent:,} buckets without trades, {_count_text(alerts)}"
    )


def _summary_of_session(session: RecordedSession, alerts: list[Alert]) -> Text:
    began = session.playback.began
    first_at, last_at = session.first_at or began.began_at, session.last_at or began.began_at
    kind = "simulated " if began.watch.is_simulated else ""
    return Text(
        f"{kind}{session.exchange.display_name}, {len(began.symbols):,} symbols, "
        f"{_utc(first_at)} to {_utc(last_at)} UTC: {session.event_count:,} events, {_count_text(alerts)}"
    )


def _count_text(alerts: list[Alert]) -> str:
    counts = ", ".join(f"{count} on {timeframe}" for timeframe, count in count_by_timeframe(alerts).items())
    return f"{len(alerts):,} alerts" + (f" ({counts})" if counts else "")


def _utc(instant: Millis) -> str:
    return datetime.fromtimestamp(instant / SECOND, UTC).strftime("%Y-%m-%d %H:%M")
