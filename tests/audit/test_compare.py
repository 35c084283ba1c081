from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.markets import RULES, SYMBOL, perfect, scopes
from livermore.audit.compare import compared
from livermore.audit.explain import utc
from livermore.audit.finding import DAMAGE, Expected, Finding, Kind, Outcome, Scope, SeriesName, counted
from livermore.core.alerts.alert import Alert, AlertStatus, AlertTimes, Direction
from livermore.core.indicators.reading import Stage
from livermore.core.market.timeframe import BASE, DAY, Timeframe

SEEDS = st.integers(0, 20)
Spoil = Callable[[Alert], Alert]


def judged(
    expected: Sequence[Expected], stream: Sequence[Alert], known: dict[SeriesName, Scope] | None = None
) -> Outcome:
    return compared(expected, stream, known or scopes(), {RULES.version})


def kinds(findings: Sequence[Finding]) -> dict[Kind, int]:
    return {kind: count for kind, count in counted(findings).items() if count}


def as_status(alert: Alert, status: AlertStatus, **changes: object) -> Alert:
    return replace(alert, status=status, **changes)  # type: ignore[arg-type]


@given(seed=SEEDS)
def test_a_perfect_stream_has_nothing_to_be_said_of(seed: int) -> None:
    expected, stream = perfect(seed)

    assert judged(expected, stream) == Outcome(len(stream), len(stream), ())


@given(seed=SEEDS, data=st.data())
def test_a_deleted_alert_is_missed_and_nothing_else(seed: int, data: st.DataObject) -> None:
    expected, stream = perfect(seed)
    gone = data.draw(st.sampled_from(stream))

    outcome = judged(expected, [alert for alert in stream if alert is not gone])

    (finding,) = outcome.findings
    assert (finding.kind, finding.alert_id, finding.label) == (Kind.MISSED, gone.id, gone.label)
    assert (outcome.expected, outcome.found) == (len(stream), len(stream) - 1)
    assert finding.reason is None


@given(seed=SEEDS, data=st.data(), times=st.integers(1, 3))
def test_a_repeated_alert_is_one_duplicate(seed: int, data: st.DataObject, times: int) -> None:
    """Wherever in the stream it is repeated, and whether as fired or as late."""
    expected, stream = perfect(seed)
    twice = data.draw(st.sampled_from(stream))
    again = as_status(twice, data.draw(st.sampled_from([AlertStatus.FIRED, AlertStatus.LATE])))
    position = data.draw(st.integers(stream.index(twice) + 1, len(stream)))

    outcome = judged(expected, [*stream[:position], *[again] * times, *stream[position:]])

    (finding,) = outcome.findings
    assert (finding.kind, finding.alert_id) == (Kind.DUPLICATE, twice.id)
    assert finding.detail == f"raised {times + 1} times without a retraction between"
    assert outcome.found == outcome.expected == len(stream)


SPOILS: dict[str, Spoil] = {
    "value": lambda alert: replace(alert, value=alert.value * (1 + 3e-6)),
    "previous value": lambda alert: replace(alert, previous_value=alert.previous_value + 0.01),
    "price": lambda alert: replace(alert, price=alert.price * (1 - 3e-6)),
    "histogram": lambda alert: replace(alert, histogram=(alert.histogram or 0.0) + 0.01),
    "signal line": lambda alert: replace(alert, signal=None),
    "stage": lambda alert: replace(alert, stage=Stage.UNKNOWN),
    "direction": lambda alert: replace(
        alert, direction=Direction.UP if alert.direction is Direction.DOWN else Direction.DOWN
    ),
    "label": lambda alert: replace(alert, label="level_1000"),
    "symbol": lambda alert: replace(alert, symbol="OTHER-USD"),
    "timeframe": lambda alert: replace(alert, timeframe=Timeframe.D1),
    "opening": lambda alert: replace(alert, opened_at=alert.opened_at - DAY),
}


@pytest.mark.parametrize("what", SPOILS)
@settings(max_examples=10)
@given(seed=SEEDS, data=st.data())
def test_an_altered_alert_is_differing_and_nothing_else(what: str, seed: int, data: st.DataObject) -> None:
    expected, stream = perfect(seed)
    index = data.draw(st.integers(0, len(stream) - 1))
    altered = SPOILS[what](stream[index])

    outcome = judged(expected, [*stream[:index], altered, *stream[index + 1 :]])

    (finding,) = outcome.findings
    assert (finding.kind, finding.alert_id) == (Kind.DIFFERING, altered.id)
    assert finding.detail.startswith(what)
    assert outcome.found == len(stream)


@given(seed=SEEDS, data=st.data())
def test_a_difference_of_rounding_is_none(seed: int, data: st.DataObject) -> None:
    expected, stream = perfect(seed)
    index = data.draw(st.integers(0, len(stream) - 1))
    near = replace(stream[index], value=stream[index].value * (1 + 1e-8), price=stream[index].price * (1 - 1e-8))

    assert judged(expected, [*stream[:index], near, *stream[index + 1 :]]).findings == ()


@given(seed=SEEDS, data=st.data())
def test_an_invented_alert_is_false_and_nothing_else(seed: int, data: st.DataObject) -> None:
    expected, stream = perfect(seed)
    model = data.draw(st.sampled_from(stream))
    invented = replace(model, id="invented", label="level_1000")
    position = data.draw(st.integers(0, len(stream)))

    outcome = judged(expected, [*stream[:position], invented, *stream[position:]])

    (finding,) = outcome.findings
    assert (finding.kind, finding.alert_id, finding.expected) == (Kind.FALSE, "invented", None)
    assert outcome.found == outcome.expected == len(stream)


def test_an_alert_under_a_wrong_name_is_false_and_leaves_its_own_missed() -> None:
    expected, stream = perfect(1)

    outcome = judged(expected, [replace(stream[0], id="forged"), *stream[1:]])

    assert kinds(outcome.findings) == {Kind.MISSED: 1, Kind.FALSE: 1}


def test_an_alert_of_a_series_that_is_not_stored_is_false_and_says_so() -> None:
    expected, stream = perfect(1)
    other = replace(stream[0], id="other", symbol="OTHER-USD")

    (finding,) = judged(expected, [*stream, other]).findings

    assert finding.kind is Kind.FALSE
    assert finding.reason == f"no series OTHER-USD {other.timeframe} is stored"


def test_a_late_alert_is_told_with_its_delay_and_is_no_damage() -> None:
    expected, stream = perfect(1)
    first = stream[0]
    times = AlertTimes(first.closes_at, first.closes_at + 1, committed=first.closes_at + 754_000)
    late = as_status(first, AlertStatus.LATE, times=times)

    outcome = judged(expected, [late, *stream[1:]])

    (finding,) = outcome.findings
    assert (finding.kind, finding.detail) == (Kind.LATE, "raised 754 s after its close")
    assert not DAMAGE & {finding.kind}
    assert outcome.found == len(stream)


@given(seed=SEEDS, data=st.data())
def test_an_amended_alert_is_judged_by_its_last_word(seed: int, data: st.DataObject) -> None:
    """First raised wrongly and put right later: told with both values, and right in the end."""
    expected, stream = perfect(seed)
    index = data.draw(st.integers(0, len(stream) - 1))
    wrong = replace(stream[index], value=stream[index].value + 5, price=stream[index].price * 2)
    right = as_status(stream[index], AlertStatus.AMENDED)

    outcome = judged(expected, [*stream[:index], wrong, *stream[index + 1 :], right])

    (finding,) = outcome.findings
    assert finding.kind is Kind.AMENDED
    assert finding.found is not None
    assert finding.expected is not None
    assert (finding.found.value, finding.expected.value) == (wrong.value, right.value)


def test_an_alert_amended_to_a_wrong_value_differs() -> None:
    expected, stream = perfect(2)
    wrong = as_status(stream[0], AlertStatus.AMENDED, price=stream[0].price * 2)

    assert kinds(judged(expected, [*stream, wrong]).findings) == {Kind.AMENDED: 1, Kind.DIFFERING: 1}


def test_a_false_alert_that_was_retracted_is_gone() -> None:
    expected, stream = perfect(2)
    false = replace(stream[0], id="false", label="level_1000")

    outcome = judged(expected, [*stream, false, as_status(false, AlertStatus.RETRACTED)])

    assert kinds(outcome.findings) == {Kind.RETRACTED: 1}


def test_a_true_alert_that_was_retracted_is_missed_and_the_reason_is_known() -> None:
    expected, stream = perfect(2)

    outcome = judged(expected, [*stream, as_status(stream[0], AlertStatus.RETRACTED)])

    assert kinds(outcome.findings) == {Kind.MISSED: 1, Kind.RETRACTED: 1}
    assert [finding.reason for finding in outcome.findings if finding.kind is Kind.MISSED] == [
        "it was fired and then retracted"
    ]


def test_an_alert_raised_again_after_its_retraction_is_no_duplicate() -> None:
    expected, stream = perfect(2)
    gone = as_status(stream[0], AlertStatus.RETRACTED)

    assert judged(expected, [*stream, gone, stream[0]]).findings == ()


@given(seed=SEEDS, data=st.data())
def test_what_was_not_committed_yet_is_pending_and_not_missed(seed: int, data: st.DataObject) -> None:
    expected, stream = perfect(seed)
    committed = data.draw(st.sampled_from([alert.closes_at for alert in stream]))
    known = {name: replace(scope, committed_until=committed) for name, scope in scopes().items()}
    there = [alert for alert in stream if alert.closes_at <= committed]

    outcome = judged(expected, there, known)

    assert kinds(outcome.findings) == ({Kind.PENDING: len(stream) - len(there)} if len(there) < len(stream) else {})
    assert outcome.expected == outcome.found == len(there)


@given(seed=SEEDS, data=st.data())
def test_what_should_have_been_committed_long_ago_is_missed_and_says_where_its_series_stands(
    seed: int, data: st.DataObject
) -> None:
    expected, stream = perfect(seed)
    committed, due = sorted(data.draw(st.lists(st.sampled_from(closes(stream)), min_size=2, max_size=2)))
    known = {name: replace(scope, committed_until=committed, due_until=due) for name, scope in scopes().items()}
    there = [alert for alert in stream if alert.closes_at <= committed]

    outcome = judged(expected, there, known)

    missed = sum(committed < close <= due for close in closes(stream))
    pending = len(stream) - len(there) - missed
    found = {Kind.MISSED: missed, Kind.PENDING: pending}
    assert kinds(outcome.findings) == {kind: count for kind, count in found.items() if count}
    assert {one.reason for one in outcome.findings if one.kind is Kind.MISSED} <= {
        f"its series stands still at {utc(committed)}"
    }
    assert (outcome.expected, outcome.found) == (len(there) + missed, len(there))


def closes(stream: Sequence[Alert]) -> list[int]:
    return [alert.closes_at for alert in stream]


@given(seed=SEEDS, data=st.data())
def test_what_lies_before_the_scope_is_not_judged(seed: int, data: st.DataObject) -> None:
    """Nothing is expected there, and what was raised there is neither true nor false."""
    expected, stream = perfect(seed)
    since = data.draw(st.sampled_from([alert.closes_at for alert in stream]))
    early = [alert for alert in stream if alert.closes_at <= since]

    outcome = judged(expected, stream, scopes(since))

    assert kinds(outcome.findings) == {Kind.UNJUDGED: len(early)}
    assert {finding.reason for finding in outcome.findings} == {"it was history"}
    assert outcome.expected == len(stream) - len(early)


def test_an_alert_of_another_rule_version_is_not_judged_and_stands_for_ours() -> None:
    expected, stream = perfect(3)
    older = replace(stream[0], id="older", rule_version="macdv-1-older")

    outcome = judged(expected, [older, *stream[1:]])

    assert kinds(outcome.findings) == {Kind.UNJUDGED: 1}
    assert outcome.expected == len(stream) - 1
    assert "macdv-1-older" in (outcome.findings[0].reason or "")


def test_an_empty_stream_has_missed_everything() -> None:
    expected, stream = perfect(3)

    outcome = judged(expected, [])

    assert (outcome.found, kinds(outcome.findings)) == (0, {Kind.MISSED: len(stream)})
    assert {finding.symbol for finding in outcome.findings} == {SYMBOL}
    assert BASE in {finding.timeframe for finding in outcome.findings}
