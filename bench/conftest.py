"""What the benchmarks share: the source of the tests' builders, and the tables at the end of a run."""

from collections.abc import Callable

import pytest

Ratios = list[tuple[str, float, str, float]]
Rows = list[tuple[str, str]]
RATIOS: pytest.StashKey[Ratios] = pytest.StashKey()
ROWS: pytest.StashKey[Rows] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RATIOS] = []
    config.stash[ROWS] = []


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Callable[[str, float, str, float], None]:
    """Remember how two durations, in microseconds, compare; for reading, not for judging."""

    def remember(ours: str, micros: float, peer: str, peer_micros: float) -> None:
        request.config.stash[RATIOS].append((ours, micros, peer, peer_micros))

    return remember


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Remember a measurement that is no duration of a round; for reading, not for judging."""

    def remember(what: str, words: str) -> None:
        request.config.stash[ROWS].append((what, words))

    return remember


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    ratios, rows = config.stash[RATIOS], config.stash[ROWS]
    if ratios:
        terminalreporter.section("side by side, best round, µs")
    for ours, micros, peer, peer_micros in ratios:
        terminalreporter.write_line(
            f"{ours:<34} {micros:9.3f}   {peer:<38} {peer_micros:9.3f}   {peer_micros / micros:6.1f} x"
        )
    if rows:
        terminalreporter.section("in other words")
    for what, words in rows:
        terminalreporter.write_line(f"{what:<34} {words}")
