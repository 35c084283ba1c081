"""How long to wait before trying again, and whether trying again is of any use."""

import random
from collections.abc import Iterator

from livermore.errors import LivermoreError

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0


def backoff(
    rng: random.Random, *, first: float = FIRST_WAIT_SECONDS, cap: float = LONGEST_WAIT_SECONDS
) -> Iterator[float]:
    """Endless waits in seconds with full jitter: each lies between 0 and a ceiling that doubles from `first` to `cap`.

    Full jitter, because an exchange that restarts throws everybody out at the same instant.
    """
    ceiling = min(first, cap)
    while True:
        yield rng.uniform(0.0, ceiling)
        ceiling = min(ceiling * 2.0, cap)


def is_transient(error: LivermoreError) -> bool:
    """Whether the same request may succeed later."""
    return error.transient
