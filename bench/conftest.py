"""What the benchmarks share: the source of the tests' builders, and a table of ratios at the end of a run."""

from collections.abc import Callable

import pytest

Ratios = list[tuple[str, float, str, float]]
RATIOS: pytest.StashKey[Ratios] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RATIOS] = []


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Callable[[str, float, str, float], None]:
    """Remember how two durations, in microseconds, compare; for reading, not for judging."""

    def remember(ours: str, micros: float, peer: str, peer_micros: float) -> None:
        request.config.stash[RATIOS].append((ours, micros, peer, peer_micros))

    return remember


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    ratios = config.stash[RATIOS]
    if not ratios:
        return
    terminalreporter.section("side by side, best round, µs")
    for ours, micros, peer, peer_micros in ratios:
        terminalreporter.write_line(
            f"{ours:<34} {micros:9.3f}   {peer:<38} {peer_micros:9.3f}   {peer_micros / micros:6.1f} x"
        )
