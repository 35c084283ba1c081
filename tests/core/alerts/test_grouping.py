"""Many alerts become few messages, and none of them is lost."""

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from core.alerts.test_alert import an_alert
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.grouping import (
    ALONE_UP_TO,
    LONGEST_TEXT,
    MOST_MESSAGES,
    Telling,
    line_of,
    messages_of,
    messages_of_backlog,
    title_of,
)
from livermore.core.market.timeframe import DAY, HOUR, Timeframe

LABELS = ("level_150", "level_-200", "reversal_oversold")


@st.composite
def storms(draw: st.DrawFn) -> list[Alert]:
    count = draw(st.sampled_from([0, 1, 3, 4, 40, 700]))
    width = draw(st.sampled_from([3, 300]))
    timeframes = draw(st.lists(st.sampled_from(tuple(Timeframe)), min_size=1))
    return [
        replace(
            an_alert(LABELS[number % 3]),
            id=str(number),
            symbol=f"{number}".rjust(width, "X") + "-USD",
            timeframe=timeframes[number % len(timeframes)],
            value=float(number),
            status=tuple(AlertStatus)[number % 4],
        )
        for number in range(count)
    ]


@given(storms())
def test_every_alert_is_in_exactly_one_message(alerts: list[Alert]) -> None:
    messages = messages_of(alerts)

    assert sorted(alert.id for message in messages for alert in message.alerts) == sorted(one.id for one in alerts)
    assert len(messages) <= max(MOST_MESSAGES, ALONE_UP_TO)


@given(storms())
def test_every_message_fits_and_tells_of_all_its_alerts(alerts: list[Alert]) -> None:
    for message in messages_of(alerts):
        assert len(message.text) <= LONGEST_TEXT
        counts = [int(line.split(" × ")[0]) for line in message.lines if " × " in line]
        assert (sum(counts) or len(message.lines)) == len(message.alerts)


def test_a_list_is_no_longer_than_is_wished() -> None:
    alerts = [replace(an_alert("level_150"), id=str(number)) for number in range(90)]

    assert [len(message.alerts) for message in messages_of(alerts, 20)] == [20, 20, 20, 20, 10]
    assert [len(message.alerts) for message in messages_of(alerts, 10)] == [10, 10, 10, 10, 10, 40]


@given(storms())
def test_the_order_in_which_alerts_wait_changes_nothing(alerts: list[Alert]) -> None:
    if len(alerts) > ALONE_UP_TO:
        assert messages_of(alerts[::-1]) == messages_of(alerts)


def test_a_few_alerts_are_told_one_by_one() -> None:
    alert = an_alert("level_150")

    (message,) = messages_of([alert])

    assert message.title == title_of(alert)
    assert message.lines == (line_of(alert, Telling()),)
    assert message.link is None


def test_each_alert_says_when_its_candle_closed_where_people_live() -> None:
    alert = an_alert("level_150")
    zone = timezone(timedelta(hours=5, minutes=30), "IST")
    today = Telling(zone, alert.closes_at + HOUR)
    closed = f"{datetime.fromtimestamp(alert.closes_at / 1_000, zone):%H:%M} IST"
    (message,) = messages_of([alert], telling=today)
    (later,) = messages_of([alert], telling=Telling(zone, alert.closes_at + 2 * DAY))

    assert message.text.startswith(f"▲ {closed} · ")
    assert re.match(rf"▲ \d{{1,2}} [A-Z][a-z]{{2}} {closed} · ", later.text)


def test_a_storm_tells_each_series_in_the_order_of_time_and_from_when_to_when() -> None:
    alerts = [
        replace(
            an_alert("level_150"), id=str(9 - at), symbol=f"{'AB'[at % 2]}-USD",
            value=(150.0, 400.0, 250.0, 200.0, 160.0, 151.0)[at], opened_at=at * DAY // 8,
        )
        for at in range(6)
    ]  # fmt: skip
    (message,) = messages_of(alerts, telling=Telling(now=DAY))

    assert [(alert.symbol, alert.opened_at) for alert in message.alerts] == [
        (f"{'AB'[at % 2]}-USD", at * DAY // 8) for at in (1, 3, 5, 0, 2, 4)
    ]
    assert message.title == "6 alerts, 1 Jan 00:05 UTC to 1 Jan 15:05 UTC"


@given(storms())
def test_a_backlog_tells_of_each_alert_once_in_the_order_of_time(alerts: list[Alert]) -> None:
    waited = [replace(alert, opened_at=int(alert.id) * 300_000) for alert in alerts]
    messages = messages_of_backlog(waited, 25, Telling())
    closes = [alert.closes_at for message in messages for alert in message.alerts]

    assert sorted(alert.id for message in messages for alert in message.alerts) == sorted(one.id for one in alerts)
    assert closes == sorted(closes)
    assert len(messages) <= max(MOST_MESSAGES, ALONE_UP_TO)
    assert all(len(message.text) <= LONGEST_TEXT for message in messages)
    assert all(" × " not in message.text for message in messages[1:])


def test_an_alert_of_its_own_leads_to_the_screens() -> None:
    alert = an_alert("level_150")
    (message,) = messages_of([alert], telling=Telling(site="https://livermore.example"))

    assert message.link == f"https://livermore.example/alerts/{alert.id}"


def test_what_is_simulated_says_so() -> None:
    assert title_of(replace(an_alert("level_150"), is_simulated=True)).startswith("SIMULATED ")
    assert not title_of(replace(an_alert("level_150"), is_simulated=False)).startswith("SIMULATED ")
