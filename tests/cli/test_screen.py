"""What the live view shows where there is no room for all."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from cache.examples import NOON, a_candle, a_status, an_alert
from livermore.app.lines import LineWriter
from livermore.app.screen import ExchangeView, MarketView, most_interesting, screen
from livermore.app.status_words import moment
from livermore.core.alerts.alert import Alert
from livermore.core.indicators.macdv import MacdV
from livermore.core.indicators.reading import Reading
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.exchange import BINANCE, BINANCE_US, COINBASE
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


def a_market(width: int, height: int = 24, symbols: int = 8, **status: object) -> list[str]:
    one = {
        timeframe: a_reading(value)
        for timeframe, value in zip(Timeframe, (314.2, -312.0, 231.4, -34.0, 1234.5), strict=True)
    }
    names = [f"{name}-USD" for name in ("BTC", "ETH", "1000SATS", "DOGE", "AVAX", "LINK", "XRP", "SOL")]
    views = tuple(
        ExchangeView(
            exchange, replace(a_status(), exchange_id=exchange.id, **status), dict.fromkeys(names[:symbols], one)
        )
        for exchange in (COINBASE, BINANCE, BINANCE_US)
    )
    view = MarketView(views, tuple(an_alert_of(name) for name in names), (), True, 30.0, NOON)
    console = Console(file=io.StringIO(), width=width)
    console.print(screen(view, width, height))
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("width", [30, 40, 60, 80, 100, 200])
@pytest.mark.parametrize("height", [24, 50])
def test_no_number_is_cut_in_any_width_and_all_fits_the_height(width: int, height: int) -> None:
    lines = a_market(width, height)
    numbers = [word for line in lines for word in line.split() if re.fullmatch("[+-][0-9]+…?", word)]

    assert not any("…" in line for line in lines)
    assert set(numbers) <= {"+314", "-312", "+231", "-34", "+1234"}
    assert "+314" in numbers
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


def test_a_narrow_terminal_has_the_shortest_timeframes_their_stages_the_alerts_and_the_way_out() -> None:
    lines = a_market(40)
    whole = "\n".join(lines)

    assert next(line for line in lines if "5m" in line).split() == ["5m", "15m", "age"]
    assert "hidden: 1h 4h 1d  Ctrl-C ends it" in lines
    assert "+314 OB -312 OB" in whole
    assert any(line.startswith("alerts") for line in lines)


def test_a_pause_is_no_dead_feed() -> None:
    paused = replace(
        a_status(state=State.ACTIVE), paused_by="ada@example.org", paused_at=NOON, feed_state=FeedState.DOWN
    )
    text = drawn(paused, 160)

    assert "active, paused" in text
    assert "paused by ada@example.org since" in text


def test_a_feed_that_is_not_live_says_why() -> None:
    deaf = replace(a_status(), feed_state=FeedState.DOWN, feed_reasons=("no connection",), last_error=None)

    assert "feed down: no connection" in drawn(deaf, 160)


def test_an_instance_that_is_not_there_yet_is_being_started() -> None:
    assert "an instance is being started" in drawn(None)


def lines_of(*pictures: MarketView) -> list[str]:
    console = Console(file=io.StringIO(), width=80)
    writer = LineWriter(console, is_simulated=False)
    for picture in pictures:
        writer.write(picture)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined, no-any-return]


def test_piped_a_pause_and_the_reasons_of_a_bad_feed_are_told_once() -> None:
    def picture(**changes: object) -> MarketView:
        status = replace(a_status(state=State.ACTIVE), last_error=None, **changes)
        return MarketView((ExchangeView(COINBASE, status, {}),), (), (), False, 1.0, NOON)

    deaf = {"feed_state": FeedState.DOWN}
    lines = lines_of(
        picture(),
        picture(**deaf, feed_reasons=("stalled 31 s",)),
        picture(**deaf, feed_reasons=("stalled 32 s",)),
        picture(**deaf, paused_by="ada@example.org", paused_at=NOON),
    )

    assert [line.split(maxsplit=1)[1] for line in lines] == [
        "active, feed live",
        "active, feed down: stalled 31 s",
        f"active, paused, feed down (paused by ada@example.org since {moment(NOON)} UTC: "
        "no candles and no alerts until it is resumed)",
    ]


def test_piped_what_the_store_held_before_is_no_news() -> None:
    def picture(index: int) -> MarketView:
        old = replace(a_reading(10), opened_at=a_candle(index).opened_at)
        view = ExchangeView(COINBASE, a_status(), {"BTC-USD": {Timeframe.M5: old}})
        return MarketView((view,), (), (), False, 1.0, NOON)

    closes = [line for line in lines_of(picture(60), picture(60), picture(61)) if "candles closed" in line]
    assert len(closes) == 1
