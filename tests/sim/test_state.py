"""A second run continues after the first, and simulated time never goes backwards."""

from pathlib import Path

import pytest

from livermore.errors import ConfigError
from livermore.sim.server import serve
from livermore.sim.settings import SimSettings
from livermore.sim.state import SimState, read_state, resumed_at, write_state

START = 1_795_305_600_000
STATE = SimState(seed=7, symbols=30, replay=(), simulated_at=START, wall_at=1_000_000)


def a_run(state: Path, **changed: int) -> SimSettings:
    told = {"symbols": 3, "seed": 7, **changed}
    return SimSettings(0, 0, 0, speed=600.0, start=START, state=state, **told)


def test_there_is_no_state_before_the_first_run(tmp_path: Path) -> None:
    assert read_state(tmp_path / "sim.json") is None


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "sim.json"
    write_state(path, STATE)

    assert read_state(path) == STATE
    assert [entry.name for entry in path.parent.iterdir()] == ["sim.json"]


def test_downtime_passes_at_speed_one(tmp_path: Path) -> None:
    later = SimState(7, 30, (), 0, 1_000_000 + 5_000)
    earlier = SimState(7, 30, (), 0, 1_000_000 - 5_000)

    assert resumed_at(tmp_path, STATE, later) == START + 5_000
    assert resumed_at(tmp_path, STATE, earlier) == START


@pytest.mark.parametrize("other", [SimState(8, 30, (), 0, 0), SimState(7, 31, (), 0, 0), SimState(7, 30, ("a",), 0, 0)])
def test_the_state_of_another_market_is_refused(tmp_path: Path, other: SimState) -> None:
    with pytest.raises(ConfigError, match="is of a market with"):
        resumed_at(tmp_path, STATE, other)


@pytest.mark.parametrize("text", ["", "{", '{"seed":"x"}', "[]"])
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sim.json"
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"sim\.json cannot be read"):
        read_state(path)


async def test_a_second_run_goes_on_where_the_first_ended(tmp_path: Path) -> None:
    path = tmp_path / "sim.json"
    async with serve(a_run(path)) as first:
        seen = first.clock.now()
    async with serve(a_run(path)) as second:
        assert second.clock.started_at >= seen
        assert second.clock.started_at - seen < 600_000


async def test_a_killed_run_has_written_more_than_it_has_shown(tmp_path: Path) -> None:
    """The file is copied while the first run is alive, as a kill would leave it."""
    path, left = tmp_path / "sim.json", tmp_path / "left.json"
    async with serve(a_run(path)) as first:
        left.write_bytes(path.read_bytes())
        seen = first.clock.now()
    async with serve(a_run(left)) as second:
        assert second.clock.started_at >= seen


async def test_another_seed_on_the_same_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sim.json"
    async with serve(a_run(path)):
        pass

    with pytest.raises(ConfigError, match="seed 7, not 8"):
        async with serve(a_run(path, seed=8)):
            pass
