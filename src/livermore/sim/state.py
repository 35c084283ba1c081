"""The state file: where simulated time stands, so that a second run continues after the first."""

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

from livermore.core.market.timeframe import Millis
from livermore.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SimState:
    """What was simulated, no later simulated instant than `simulated_at` was shown to anybody, at `wall_at`."""

    seed: int
    symbols: int
    replay: tuple[str, ...]
    simulated_at: Millis
    wall_at: Millis


def read_state(path: Path) -> SimState | None:
    """The state in the file, None where there is no file yet.

    Raises:
        ConfigError: when the file cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=SimState)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as exc:
        raise ConfigError(f"the simulator's state file {path} cannot be read: {exc}") from exc


def write_state(path: Path, state: SimState) -> None:
    """Replace the file by this state, whole or not at all.

    Raises:
        ConfigError: when the file cannot be written.
    """
    beside = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as exc:
        raise ConfigError(f"the simulator's state file {path} cannot be written: {exc}") from exc


def resumed_at(path: Path, state: SimState, same: SimState) -> Millis:
    """The simulated instant at which a new run begins: real downtime has passed at speed 1.

    `same` is what the new run would simulate, at the present real instant.

    Raises:
        ConfigError: when the file belongs to another market.
    """
    for name in ("seed", "symbols", "replay"):
        before, now = getattr(state, name), getattr(same, name)
        if before != now:
            raise ConfigError(
                f"the simulator's state file {path} is of a market with {name} {before!r}, not {now!r}: "
                "start with the same, or with another state file"
            )
    return state.simulated_at + max(0, same.wall_at - state.wall_at)
