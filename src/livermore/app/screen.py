"""The live view in a terminal: what is drawn, from a picture of the market, in the room there is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from livermore.app.fitting import Column, fitted, pieces_that_fit, table_of
from livermore.app.status_words import FEED_COLOURS, STATE_COLOURS, moment, state_text, why_not_heard
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
BAR_WIDTH: Final = 22
PANEL_INSIDE: Final = PANEL_WIDTH - 4
WIDE: Final = 100
LEGEND: Final = "  ".join(f"{code} {stage}" for stage, code in STAGE_CODES.items() if stage is not Stage.UNKNOWN)
ALERT_HEADINGS: Final = ("alerts", "exchange", "symbol", "", "what", "MACD-V", "price", "bias")
ALERT_RANKS: Final = (4, 5, 0, 2, 1, 3, 6, 7)
"""Which columns of an alert are left out first where there is no room: the largest."""
CELL_WIDTH: Final = 7
SYMBOL_WIDTH: Final = 8
AGE_RANK: Final = 1
ENDING: Final = "Ctrl-C ends it"


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One exchange as the store shows it; `status` is None while no instance is alive: then one is being started."""

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
    """The whole picture in a terminal of `width` columns and `height` lines; what does not fit is left out whole."""
    is_beside = width >= PANEL_WIDTH * len(view.exchanges)
    inside = PANEL_INSIDE if is_beside else width
    blocks = [_status_lines(one, view.now, inside) for one in view.exchanges]
    header = _header(view, width)
    above = [
        header,
        # A link that is cut cannot be followed.
        *(Text(line, style="cyan", overflow="fold") for line in view.greeting),
    ]
    notices = [_one_line(notice, "yellow") for notice in view.notices]
    alerts = view.newest_alerts[: min(ALERTS_SHOWN, max(3, height // 5))]
    greeting = sum(-(-len(line) // max(1, width)) for line in view.greeting)
    # The header, the legend, the headings of the matrix and of the alerts, and a line that stays empty.
    room = height - 5 - greeting - len(notices) - max(1, len(alerts))
    if is_beside:
        rows = max(1, room - max(map(len, blocks)) - 3)
    else:
        rows = max(1, (room - sum(map(len, blocks))) // len(view.exchanges))
    shown = [sorted(most_interesting(one, view.newest_alerts)[:rows]) for one in view.exchanges]
    columns = [_columns(one, symbols, view) for one, symbols in zip(view.exchanges, shown, strict=True)]
    headings = _common_headings(columns, inside)
    matrices = [[column for column in one if column.heading in headings] for one in columns]
    if is_beside:
        drawn = zip(view.exchanges, blocks, matrices, strict=True)
        panels = [_panel(one, block, table_of(matrix), rows) for one, block, matrix in drawn]
        body: list[RenderableType] = [Columns(panels, padding=(0, 0))]
    else:
        body = _stack(view, blocks, matrices, rows, width)
    left_out = [timeframe.value for timeframe in Timeframe if timeframe.value not in headings]
    return Group(*above, *body, _legend(left_out, header, width), _alerts_table(alerts, width), *notices)


def _one_line(text: str, style: str) -> Text:
    return Text(text, style=style, overflow="ellipsis", no_wrap=True)


def _header(view: MarketView, width: int) -> Text:
    pieces = [Text(" LIVERMORE ", "bold reverse")]
    if view.is_simulated:
        pieces.append(Text(f" SIMULATED ×{view.speed:g} ", "bold black on yellow"))
    if view.market_now is not None:
        pieces.append(Text(f"candles up to {moment(view.market_now)} UTC", "bold"))
    pieces.append(Text(f"{ENDING}; what is stored stays" if width >= WIDE else ENDING, "grey62"))
    return pieces_that_fit(pieces, width, gap=1)


def _legend(left_out: Sequence[str], header: Text, width: int) -> Text:
    """What the letters mean where there is room, or what there is no room for; and the way out if that is not above."""
    pieces = [Text(f"hidden: {' '.join(left_out)}")] if left_out else []
    if not pieces and width >= WIDE:
        pieces = [Text(LEGEND), Text("lag: exchange/ours")]
    if ENDING not in header.plain:
        pieces.append(Text(ENDING))
    line = pieces_that_fit(pieces, width)
    line.stylize("grey62")
    return line


def _panel(one: ExchangeView, block: Sequence[Text], matrix: RenderableType, rows: int) -> Panel:
    body = Group(*block, matrix, _more(one, rows))
    return Panel(body, title=one.exchange.display_name, title_align="left", width=PANEL_WIDTH)


def _more(view: ExchangeView, rows: int) -> Text:
    hidden = max(0, len(view.readings) - rows)
    return Text(f"and {hidden} more" if hidden else "", style="grey62")


def _stack(
    view: MarketView, blocks: Sequence[Sequence[Text]], matrices: Sequence[Sequence[Column]], rows: int, width: int
) -> list[RenderableType]:
    """The exchanges one below the other, without frames, where they do not fit side by side."""
    parts: list[RenderableType] = []
    for number, (one, block, matrix) in enumerate(zip(view.exchanges, blocks, matrices, strict=True)):
        title = [Text(one.exchange.display_name, style="bold"), block[0], *([_more(one, rows)] if rows else [])]
        parts += [pieces_that_fit([piece for piece in title if piece], width), *block[1:]]
        parts.append(table_of(matrix, with_heading=number == 0))
    return parts


def _columns(one: ExchangeView, symbols: Sequence[str], view: MarketView) -> list[Column]:
    """All columns of the matrix of an exchange, however wide."""
    # Simulated time is not ours: there the newest close of any exchange is the best clock at hand.
    now = (view.market_now or 0) if view.is_simulated else view.now
    columns = [Column("", 0, [Text(symbol) for symbol in symbols], SYMBOL_WIDTH)]
    for number, timeframe in enumerate(Timeframe):
        cells = [_cell(one.readings[symbol].get(timeframe)) for symbol in symbols]
        columns.append(Column(timeframe.value, 2 * number, cells, CELL_WIDTH, is_number=True))
    newest = [one.readings[symbol].get(Timeframe.M5) for symbol in symbols]
    ages = [Text("" if reading is None else _age(now - reading.closes_at)) for reading in newest]
    return [*columns, Column("age", AGE_RANK, ages, 4, is_number=True)]


def _common_headings(matrices: Sequence[Sequence[Column]], width: int) -> set[str]:
    """The columns that fit in each of the matrices, so that they stand below each other."""
    return set.intersection(*({column.heading for column in fitted(matrix, width)} for matrix in matrices))


def most_interesting(one: ExchangeView, newest_alerts: Sequence[Alert]) -> list[str]:
    """The symbols of an exchange: those with the newest alerts first, then by their largest MACD-V of either sign."""
    alerted = [alert.symbol for alert in newest_alerts if alert.exchange.id == one.exchange.id]
    rank = {symbol: number for number, symbol in reversed(list(enumerate(alerted)))}

    def interest(symbol: str) -> tuple[int, float, str]:
        largest = max((abs(reading.value) for reading in one.readings[symbol].values()), default=0.0)
        return rank.get(symbol, len(alerted)), -largest, symbol

    return sorted(one.readings, key=interest)


def _status_lines(one: ExchangeView, now: Millis, width: int) -> list[Text]:
    """What the instance says of itself: a line, and below it what hinders it, if anything does."""
    status = one.status
    if status is None:
        return [Text("offline: an instance is being started", style="red", no_wrap=True, overflow="ellipsis")]
    silence = now - status.last_heartbeat
    if silence > HEARTBEAT_OVERDUE and status.connection_state is not State.STOPPED:
        return [_one_line(f"no sign of life for {_age(silence)}, was {state_text(status)}", "bold red")]
    room = width if width == PANEL_INSIDE else width - len(one.exchange.display_name) - 2
    feed = Text.assemble("feed ", (status.feed_state.value, FEED_COLOURS[status.feed_state]))
    pieces = [Text(state_text(status), f"bold {STATE_COLOURS[status.connection_state]}"), feed]
    pieces.append(Text(f"{status.symbol_count} symbols"))
    if status.lag is not None:
        pieces.append(Text(f"lag {status.lag.exchange_ms}/{status.lag.own_ms} ms", "grey62"))
    lines = [pieces_that_fit(pieces, room)]
    warmup = status.warmup
    if status.connection_state is State.WARMING and warmup is not None and warmup.total:
        eta = "" if warmup.eta is None else f"{_age(warmup.eta)} to go"
        done = Text(f"{warmup.done}/{warmup.total} requests")
        lines.append(pieces_that_fit([done, *([Text(eta)] if eta else []), _bar(warmup.done, warmup.total)], width))
    return lines + [_one_line(trouble, style) for trouble, style in _troubles(status)]


def _bar(done: int, total: int) -> Text:
    full = BAR_WIDTH * done // total
    return Text.assemble(("━" * full, "green"), ("━" * (BAR_WIDTH - full), "grey23"))


def _troubles(status: Status) -> list[tuple[str, str]]:
    """Why it is not heard, and the last error where something is amiss now; with their colours."""
    why = why_not_heard(status)
    told = [] if why is None else [(why, "yellow" if status.paused_by is not None else "red")]
    is_sound = status.connection_state is State.ACTIVE and status.feed_state is FeedState.LIVE
    has_heard = status.connection_state is State.WARMING and status.feed_state is FeedState.LIVE
    if status.last_error is not None and status.paused_by is None and not is_sound and not has_heard:
        told.append((status.last_error, "red"))
    return told


def _cell(reading: Reading | None) -> Text:
    if reading is None:
        return Text("·", style="grey50")
    return Text(f"{reading.value:+.0f} {STAGE_CODES[reading.stage]}", style=STAGE_COLOURS[reading.stage])


def _alerts_table(alerts: Sequence[Alert], width: int) -> RenderableType:
    if not alerts:
        return Text("No alert yet.", style="grey62")
    rows = [alert_cells(alert) for alert in alerts]
    columns = [
        Column(heading, rank, [Text(row[number]) for row in rows], is_number=heading in ("MACD-V", "price"))
        for number, (heading, rank) in enumerate(zip(ALERT_HEADINGS, ALERT_RANKS, strict=True))
    ]
    chosen = fitted(columns, width)
    return table_of(
        [replace(chosen[0], heading=ALERT_HEADINGS[0]), *chosen[1:]], [alert_style(alert) for alert in alerts]
    )


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


def _age(duration: Millis) -> str:
    if duration < SECOND:
        return "now"
    for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s")):
        if duration >= unit:
            return f"{duration // unit}{letter}"
    return "now"
