"""The view where there is no terminal: one readable line for each thing that happens."""

import asyncio
from collections import Counter
from typing import Final

from rich.console import Console

from livermore.app.market_view import MarketWatch
from livermore.app.screen import ExchangeView, MarketView, alert_cells
from livermore.app.status_words import moment, state_text, why_not_heard
from livermore.core.alerts.alert import Alert
from livermore.core.market.timeframe import Millis, Timeframe

NAME_WIDTH: Final = 12


class LineWriter:
    """Turns one picture after another into lines: what is different from the one before."""

    def __init__(self, console: Console, *, is_simulated: bool) -> None:
        self._console = console
        self._mark = "SIMULATED " if is_simulated else ""
        self._states: dict[int, tuple[str, str, bool] | None] = {}
        self._tenths: dict[int, int] = {}
        self._closes: dict[int, Millis] = {}
        self._seen: set[str] = set()
        self._errors: dict[int, Millis] = {}

    def write(self, view: MarketView) -> None:
        """Write what has happened since the last picture."""
        for one in view.exchanges:
            self._write_state(one)
            self._write_warmup(one)
            self._write_closes(one)
            self._write_error(one)

    def alert(self, alert: Alert) -> None:
        """Write one alert."""
        at, exchange, symbol, timeframe, what, value, price, bias = alert_cells(alert)
        self._line(exchange, f"ALERT {symbol} {timeframe} {what}: MACD-V {value}, price {price}, {bias}, close {at}")

    def notice(self, notice: str) -> None:
        """Write what the supervisor has to say."""
        self._line("livermore", notice)

    def _line(self, name: str, text: str) -> None:
        self._console.print(f"{self._mark}{name:<{NAME_WIDTH}} {text}", highlight=False, markup=False, soft_wrap=True)

    def _write_state(self, view: ExchangeView) -> None:
        status = view.status
        why = None if status is None else why_not_heard(status)
        # Reasons count seconds and symbols: that there are some now is news, each change of them is not.
        state = None if status is None else (state_text(status), status.feed_state.value, why is not None)
        if view.exchange.id in self._states and self._states[view.exchange.id] == state:
            return
        self._states[view.exchange.id] = state
        if state is None:
            self._line(view.exchange.display_name, "offline: an instance is being started")
            return
        feed = f"feed {state[1]}"
        if why is not None:
            feed = why if why.startswith(feed) else f"{feed} ({why})"
        self._line(view.exchange.display_name, f"{state[0]}, {feed}")

    def _write_warmup(self, view: ExchangeView) -> None:
        status = view.status
        if status is None or status.warmup is None or not status.warmup.total or status.connection_state != "warming":
            return
        warmup = status.warmup
        tenth = 10 * warmup.done // warmup.total
        if self._tenths.get(view.exchange.id) != tenth:
            self._tenths[view.exchange.id] = tenth
            self._line(view.exchange.display_name, f"history {10 * tenth} % ({warmup.done}/{warmup.total} requests)")

    def _write_closes(self, view: ExchangeView) -> None:
        newest: Counter[Timeframe] = Counter()
        closes = [r.closes_at for readings in view.readings.values() for r in readings.values()]
        latest = max(closes, default=0)
        # What the store holds when we begin to look is of the run before, and no news.
        if latest <= self._closes.setdefault(view.exchange.id, latest):
            return
        self._closes[view.exchange.id] = latest
        for readings in view.readings.values():
            newest.update(timeframe for timeframe, reading in readings.items() if reading.closes_at == latest)
        counts = ", ".join(f"{newest[timeframe]} × {timeframe}" for timeframe in Timeframe if newest[timeframe])
        self._line(view.exchange.display_name, f"candles closed at {moment(latest)}: {counts}")

    def _write_error(self, view: ExchangeView) -> None:
        status = view.status
        if status is None or status.last_error is None or status.last_error_at is None:
            return
        if self._errors.get(view.exchange.id) != status.last_error_at:
            self._errors[view.exchange.id] = status.last_error_at
            self._line(view.exchange.display_name, f"problem: {status.last_error}")


async def run_lines(watch: MarketWatch, console: Console) -> None:
    """Write lines until cancelled."""
    writer = LineWriter(console, is_simulated=watch.is_simulated)
    watch.tell(writer.alert, writer.notice)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watch.run_following(), name="alerts")
        async for view in watch.views():
            writer.write(view)
