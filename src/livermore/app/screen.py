"""The live view in a terminal: what is drawn, from a picture of the market, in the room there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from livermore.core.alerts.alert import Alert, Direction
from livermore.core.alerts.text import STAGE_CODES, STAGE_COLOURS, happening, price_text
from livermore.core.indicators.reading import Reading, Stage
from livermore.core.instance.lifecycle import State
from livermore.core.instance.overview import HEARTBEAT_OVERDUE
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.exchange import ExchangeIdentity
from livermore.core.market.timeframe import DAY, HOUR, MINUTE, SECOND, Millis, Timeframe

PANEL_WIDTH: Final = 60
ALERTS_SHOWN: Final = 10
FIXED_LINES: Final = 4
WIDE: Final = 100
LEGEND: Final = "  ".join(f"{code} {stage}" for stage, code in STAGE_CODES.items() if stage is not Stage.UNKNOWN)
ALERT_HEADINGS: Final = ("alerts", "exchange", "symbol", "", "what", "MACD-V", "price", "bias")

STATE_COLOURS: Final = {
    State.IDLE: "grey62",
    State.STARTING: "yellow",
    State.WARMING: "yellow",
    State.ACTIVE: "green",
    State.STOPPING: "dark_orange",
    State.STOPPED: "red",
}
FEED_COLOURS: Final = {FeedState.LIVE: "green", FeedState.DEGRADED: "yellow", FeedState.DOWN: "red"}


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One exchange as the store shows it; `status` is None when no instance is alive."""

    exchange: ExchangeIdentity
    status: Status | None
    readings: dict[str, dict[Timeframe, Reading]]


@dataclass(frozen=True, slots=True)
class MarketView:
    """All that the screen shows, as of our instant `now`; `newest_alerts` has the newest first.

    `greeting` is where the server is and how to sign in, once it says so.
    """

    exchanges: tuple[ExchangeView, ...]
    newest_alerts: tuple[Alert, ...]
    notices: tuple[str, ...]
    is_simulated: bool
    speed: float
    now: Millis
    greeting: tuple[str, ...] = ()

    @property
    def market_now(self) -> Millis | None:
        """The newest close of any reading."""
        closes = [
            reading.closes_at
            for view in self.exchanges
            for readings in view.readings.values()
            for reading in readings.values()
        ]
        return max(closes, default=None)


def screen(view: MarketView, width: int, height: int) -> RenderableType:
    """The whole picture, cut to a terminal of `width` columns and `height` lines."""
    alerts = min(ALERTS_SHOWN, max(3, height // 5))
    greeting_lines = sum(-(-len(line) // max(1, width)) for line in view.greeting)
    room = height - FIXED_LINES - alerts - len(view.notices) - greeting_lines
    if width >= PANEL_WIDTH * len(view.exchanges):
        panels = [_panel(one, view, max(1, room - 5)) for one in view.exchanges]
        body: RenderableType = Columns(panels, padding=(0, 0))
    else:
        body = _stack(view, max(1, room // len(view.exchanges) - 1))
    return Group(
        _header(view, width),
        # A link that is cut cannot be followed.
        *(Text(line, style="cyan", overflow="fold") for line in view.greeting),
        body,
        Text(
            LEGEND + "  lag: exchange/ours" if width >= WIDE else "", style="grey62", overflow="ellipsis", no_wrap=True
        ),
        _alerts_table(view.newest_alerts[:alerts], width),
        *(Text(notice, style="yellow", overflow="ellipsis", no_wrap=True) for notice in view.notices),
    )


def _header(view: MarketView, width: int) -> Text:
    text = Text.assemble((" LIVERMORE ", "bold reverse"), " ")
    if view.is_simulated:
        text.append(f" SIMULATED ×{view.speed:g} ", style="bold black on yellow")
        text.append(" ")
    if view.market_now is not None:
        text.append(f"candles up to {moment(view.market_now)} UTC", style="bold")
    if width >= WIDE:
        text.append("   Ctrl-C ends it; what is stored stays", style="grey62")
    return text


def _panel(one: ExchangeView, view: MarketView, rows: int) -> Panel:
    body = Group(_status_line(one.status, view.now), _matrix(one, view, rows, with_heading=True), _more(one, rows))
    return Panel(body, title=one.exchange.display_name, title_align="left", width=PANEL_WIDTH)


def _more(view: ExchangeView, rows: int) -> Text:
    hidden = max(0, len(view.readings) - rows)
    return Text(f"and {hidden} more" if hidden else "", style="grey62")


def _stack(view: MarketView, rows: int) -> RenderableType:
    """The exchanges one below the other, without frames, where they do not fit side by side."""
    parts: list[RenderableType] = []
    for number, one in enumerate(view.exchanges):
        title = Table.grid(padding=(0, 2))
        name = Text(one.exchange.display_name, style="bold")
        title.add_row(name, _status_line(one.status, view.now), _more(one, rows))
        parts += [title, _matrix(one, view, rows, with_heading=number == 0)]
    return Group(*parts)


def _matrix(one: ExchangeView, view: MarketView, rows: int, *, with_heading: bool) -> Table:
    # Simulated time is not ours: there the newest close of any exchange is the best clock at hand.
    now = (view.market_now or 0) if view.is_simulated else view.now
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="grey62", show_header=with_heading)
    table.add_column("", width=11, no_wrap=True)
    for timeframe in Timeframe:
        table.add_column(timeframe.value, justify="right", width=7, no_wrap=True)
    table.add_column("age", justify="right", width=4)
    for symbol in sorted(most_interesting(one, view.newest_alerts)[:rows]):
        readings = one.readings[symbol]
        newest = readings.get(Timeframe.M5)
        age = "" if newest is None else _age(now - newest.closes_at)
        table.add_row(symbol, *(_cell(readings.get(timeframe)) for timeframe in Timeframe), age)
    return table


def most_interesting(one: ExchangeView, newest_alerts: Sequence[Alert]) -> list[str]:
    """The symbols of an exchange: those with the newest alerts first, then by their largest MACD-V of either sign."""
    alerted = [alert.symbol for alert in newest_alerts if alert.exchange.id == one.exchange.id]
    rank = {symbol: number for number, symbol in reversed(list(enumerate(alerted)))}

    def interest(symbol: str) -> tuple[int, float, str]:
        largest = max((abs(reading.value) for reading in one.readings[symbol].values()), default=0.0)
        return rank.get(symbol, len(alerted)), -largest, symbol

    return sorted(one.readings, key=interest)


def _status_line(status: Status | None, now: Millis) -> RenderableType:
    if status is None:
        return Text("offline: no instance serves this exchange", style="red")
    silence = now - status.last_heartbeat
    if silence > HEARTBEAT_OVERDUE and status.connection_state is not State.STOPPED:
        return Text(f"no sign of life for {_age(silence)}, was {status.connection_state}", style="bold red")
    line = Text.assemble(
        (status.connection_state.value, f"bold {STATE_COLOURS[status.connection_state]}"),
        "  feed ",
        (status.feed_state.value, FEED_COLOURS[status.feed_state]),
        f"  {status.symbol_count} symbols",
    )
    if status.lag is not None:
        line.append(f"  lag {status.lag.exchange_ms}/{status.lag.own_ms} ms", style="grey62")
    warmup = status.warmup
    if status.connection_state is not State.WARMING or warmup is None or not warmup.total:
        return _with_trouble(line, status)
    eta = "" if warmup.eta is None else f", {_age(warmup.eta)} to go"
    bar = Table.grid(padding=(0, 1))
    bar.add_row(
        ProgressBar(total=warmup.total, completed=warmup.done, width=22),
        f"{warmup.done}/{warmup.total} requests{eta}",
    )
    return _with_trouble(Group(line, bar), status)


def _with_trouble(line: RenderableType, status: Status) -> RenderableType:
    """The line, and below it the last error where something is amiss now."""
    is_sound = status.connection_state is State.ACTIVE and status.feed_state is FeedState.LIVE
    has_heard = status.connection_state is State.WARMING and status.feed_state is FeedState.LIVE
    if status.last_error is None or is_sound or has_heard:
        return line
    return Group(line, Text(status.last_error, style="red", overflow="ellipsis", no_wrap=True))


def _cell(reading: Reading | None) -> Text:
    if reading is None:
        return Text("·", style="grey50")
    return Text(f"{reading.value:+.0f} {STAGE_CODES[reading.stage]}", style=STAGE_COLOURS[reading.stage])


def _alerts_table(alerts: Sequence[Alert], width: int) -> RenderableType:
    if not alerts:
        return Text("No alert yet.", style="grey62")
    headings = ALERT_HEADINGS if width >= WIDE else ALERT_HEADINGS[:-2]
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="grey62")
    for heading in headings:
        table.add_column(heading, no_wrap=True, justify="right" if heading in ("MACD-V", "price") else "left")
    for alert in alerts:
        table.add_row(*alert_cells(alert)[: len(headings)], style=alert_style(alert))
    return table


def alert_cells(alert: Alert) -> tuple[str, ...]:
    """An alert as a row: close, exchange, symbol, timeframe, what happened, value, price, bias."""
    return (
        moment(alert.closes_at),
        alert.exchange.display_name,
        alert.symbol,
        alert.timeframe.value,
        happening(alert),
        f"{alert.value:+.1f}",
        price_text(alert.price),
        alert.bias.value,
    )


def alert_style(alert: Alert) -> str:
    """The colour of an alert: where the market is heading by it."""
    return "green" if alert.direction is Direction.UP else "red"


def moment(instant: Millis) -> str:
    """An instant as people read it, in UTC."""
    return datetime.fromtimestamp(instant / SECOND, tz=UTC).strftime("%d %b %H:%M")


def to_the_second(instant: Millis) -> str:
    """An instant as people read it, in UTC, with its seconds."""
    return datetime.fromtimestamp(instant / SECOND, tz=UTC).strftime("%d %b %H:%M:%S")


def _age(duration: Millis) -> str:
    if duration < SECOND:
        return "now"
    for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s")):
        if duration >= unit:
            return f"{duration // unit}{letter}"
    return "now"
