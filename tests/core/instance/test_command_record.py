"""Steps make records, however they are mixed."""

from hypothesis import given
from hypothesis import strategies as st

from livermore.core.instance.command_record import LAST, Order, Step, StepTaken, recorded
from livermore.core.instance.commands import Failure

ORDER = Order("stop", {}, "ada@example.org", 1, 1, 61)


def steps_of(name: str, last: Step | None, start: int) -> list[StepTaken]:
    if last in (Step.UNHEARD, Step.REFUSED):
        return [StepTaken(name, last, start, order=ORDER, error=Failure("no", "no"))]
    steps = [StepTaken(name, Step.HEARD, start, "one", 4, ORDER), StepTaken(name, Step.RUNNING, start + 1, "one", 4)]
    return steps if last is None else [*steps, StepTaken(name, last, start + 2, "one", 5, details={"a": 1})]


def test_a_record_knows_when_it_was_heard_begun_and_ended_and_by_whom() -> None:
    (record,) = recorded(steps_of("c", Step.DONE, 100))

    assert (record.heard_at, record.began_at, record.ended_at) == (100, 101, 102)
    assert (record.step, record.instance_id, record.epoch, record.details) == (Step.DONE, "one", 5, {"a": 1})
    assert record.order == ORDER


def test_what_nobody_heard_has_ended_and_says_why() -> None:
    (record,) = recorded(steps_of("c", Step.UNHEARD, 100))

    assert (record.heard_at, record.ended_at, record.error) == (None, 100, Failure("no", "no"))


def test_what_comes_after_the_end_changes_nothing() -> None:
    steps = [*steps_of("c", Step.DONE, 100), StepTaken("c", Step.RUNNING, 200), StepTaken("c", Step.FAILED, 201)]

    assert recorded(steps) == recorded(steps[:3])


def test_a_step_without_its_beginning_is_left_to_an_older_page() -> None:
    assert recorded([StepTaken("c", Step.DONE, 5)]) == ()


@given(st.lists(st.none() | st.sampled_from(sorted(LAST)), max_size=6), st.randoms(use_true_random=False))
def test_mixing_commands_changes_no_record(ends: list[Step | None], dice: object) -> None:
    commands = [steps_of(f"c{number}", last, 100 * number) for number, last in enumerate(ends)]
    queues = [list(steps) for steps in commands]
    mixed = []
    while any(queues):
        queue = dice.choice([queue for queue in queues if queue])  # type: ignore[attr-defined]
        mixed.append(queue.pop(0))

    one_by_one = {record.correlation_id: record for steps in commands for record in recorded(steps)}
    assert {record.correlation_id: record for record in recorded(mixed)} == one_by_one
