"""The state table, every cell of it."""

from itertools import product

import pytest

from livermore.core.instance.lifecycle import CLAIMABLE, TRANSITIONS, State, Trigger, advance

ALLOWED = {
    (State.IDLE, State.STARTING),
    (State.STARTING, State.WARMING),
    (State.WARMING, State.ACTIVE),
    (State.ACTIVE, State.STOPPING),
    (State.STOPPING, State.STOPPED),
    (State.STOPPED, State.STARTING),
    (State.STARTING, State.STOPPING),
    (State.WARMING, State.STOPPING),
}


def test_the_steps_are_exactly_those_of_the_design() -> None:
    steps = {
        (state, after) for state, trigger in product(State, Trigger) if (after := advance(state, trigger)) is not None
    }

    assert steps == ALLOWED


@pytest.mark.parametrize(("state", "trigger"), list(product(State, Trigger)))
def test_a_pair_is_in_the_table_or_refused(state: State, trigger: Trigger) -> None:
    assert advance(state, trigger) == TRANSITIONS.get((state, trigger))


def test_eleven_of_the_thirty_six_pairs_are_legal() -> None:
    assert len(list(product(State, Trigger))) == 36
    assert len(TRANSITIONS) == 11


def test_every_state_is_reached_and_none_is_a_dead_end() -> None:
    reached = {State.IDLE}
    while True:
        further = reached | {after for (before, _), after in TRANSITIONS.items() if before in reached}
        if further == reached:
            break
        reached = further

    assert reached == set(State)
    assert {before for before, _ in TRANSITIONS} == set(State)


@pytest.mark.parametrize("state", [State.STARTING, State.WARMING, State.ACTIVE])
@pytest.mark.parametrize("trigger", [Trigger.STOP, Trigger.FAILED])
def test_whatever_runs_can_be_stopped_and_may_fail(state: State, trigger: Trigger) -> None:
    assert advance(state, trigger) is State.STOPPING


def test_only_an_instance_that_does_nothing_gives_its_exchange_away() -> None:
    assert {State.IDLE, State.STOPPED} == CLAIMABLE
