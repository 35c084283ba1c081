"""Many alerts become few messages, and none of them is lost."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.alerts.test_alert import an_alert
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.grouping import ALONE_UP_TO, LONGEST_TEXT, MOST_MESSAGES, line_of, messages_of, title_of
from livermore.core.market.timeframe import Timeframe

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
    assert message.lines == (line_of(alert),)


def test_what_is_simulated_says_so() -> None:
    assert title_of(replace(an_alert("level_150"), is_simulated=True)).startswith("SIMULATED ")
    assert not title_of(replace(an_alert("level_150"), is_simulated=False)).startswith("SIMULATED ")
