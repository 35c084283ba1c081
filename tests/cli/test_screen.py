"""What the live view shows where there is no room for all."""

import io
from dataclasses import replace

from rich.console import Console

from cache.examples import NOON, a_candle, a_status, an_alert
from livermore.app.screen import ExchangeView, MarketView, most_interesting, screen
from livermore.core.alerts.alert import Alert
from livermore.core.indicators.macdv import MacdV
from livermore.core.indicators.reading import Reading
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.exchange import BINANCE, COINBASE
from livermore.core.market.timeframe import Timeframe


def a_reading(value: float) -> Reading:
    fold = MacdV()
    for index in range(60):
        fold.step(101.0 + index, 99.0 + index, 100.0 + index)
    reading = fold.reading(a_candle(60))
    assert reading is not None
    return replace(reading, value=value)


def readings(**values: float) -> dict[str, dict[Timeframe, Reading]]:
    return {f"{name}-USD": {Timeframe.M5: a_reading(value)} for name, value in values.items()}


def an_alert_of(symbol: str) -> Alert:
    return replace(an_alert(a_candle(0)), symbol=symbol)


def test_symbols_with_the_newest_alerts_come_first_then_those_furthest_from_zero() -> None:
    view = ExchangeView(COINBASE, None, readings(AAA=10, BBB=-200, CCC=120, DDD=1))
    elsewhere = replace(an_alert_of("AAA-USD"), exchange=BINANCE)
    alerts = [an_alert_of("DDD-USD"), elsewhere, an_alert_of("CCC-USD"), an_alert_of("DDD-USD")]

    assert most_interesting(view, alerts) == ["DDD-USD", "CCC-USD", "BBB-USD", "AAA-USD"]
    assert most_interesting(view, []) == ["BBB-USD", "CCC-USD", "AAA-USD", "DDD-USD"]


def drawn(status: Status | None, width: int = 100) -> str:
    view = MarketView((ExchangeView(COINBASE, status, {}),), (), (), False, 1.0, NOON)
    console = Console(file=io.StringIO(), width=width)
    console.print(screen(view, width, 40))
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_a_link_to_sign_in_is_shown_whole_however_narrow_the_terminal() -> None:
    link = "http://127.0.0.1:8800/sign-in#token=" + "x" * 43
    view = MarketView((ExchangeView(COINBASE, None, {}),), (), (), False, 1.0, NOON, (link,))
    for width in (50, 80, 180):
        console = Console(file=io.StringIO(), width=width)
        console.print(screen(view, width, 24))
        text: str = console.file.getvalue()  # type: ignore[attr-defined]

        assert link in text.replace("\n", "").replace(" ", "")
        assert text.count("\n") <= 24


def test_why_an_instance_does_not_get_on_stands_in_its_panel() -> None:
    stuck = replace(
        a_status(state=State.STARTING),
        feed_state=FeedState.DOWN,
        last_error="/time failed: no route",
        last_error_at=NOON,
    )

    assert "/time failed: no route" in drawn(stuck)
    assert "/time failed" not in drawn(replace(stuck, connection_state=State.ACTIVE, feed_state=FeedState.LIVE))
