"""What every test may use: Hypothesis profiles that can be repeated, and the recorded data where it is at hand."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
SEED = "hypothesis_seed"

# No deadline: a slow machine is not a wrong answer. The blob of a failure goes into the log, ready to be pasted.
SLOW = [HealthCheck.too_slow]
settings.register_profile("default", deadline=None, suppress_health_check=SLOW, print_blob=True)
settings.register_profile("thorough", deadline=None, suppress_health_check=SLOW, print_blob=True, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed of this run unless the command line names it; a worker is given that of the run."""
    given: dict[str, str] = getattr(config, "workerinput", {})
    if config.getoption(SEED, None) is None:
        config.option.hypothesis_seed = given.get(SEED) or str(random.SystemRandom().randrange(2**32))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the seed of the run to a worker."""
    node.workerinput[SEED] = node.config.option.hypothesis_seed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of the screens last: the browser's driver leaves a loop running in the process that it was in."""
    items.sort(key=lambda item: ROOT / "tests" / "ui" in item.path.parents)


def pytest_report_header(config: pytest.Config) -> str:
    """Print the seed, so that whatever was drawn can be drawn again."""
    return f"hypothesis seed: repeat with --hypothesis-seed={config.getoption(SEED)}"


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A verb that runs within a test sets up the logs of its process: the next test finds them untouched."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """A function from the name of a recorded file to its path; the test is skipped, saying so, where it is absent."""

    def path(name: str) -> Path:
        found = SHARED_DATA / name
        if not found.exists():
            pytest.skip(f"recorded data is not at hand: ../shared/data/{name}")
        return found

    return path
