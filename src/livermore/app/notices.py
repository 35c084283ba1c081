"""What an operator should know of the workers: counted each time, and in the log once a minute in the same words."""

from collections.abc import Callable
from typing import Final

import structlog

from livermore.core.market.timeframe import MINUTE, Millis

SAME_EVERY: Final[Millis] = MINUTE
MOST_REMEMBERED: Final = 1_000


class Notices:
    """Takes in what workers say, by kind and words; `count` is told each kind."""

    def __init__(self, now: Callable[[], Millis], count: Callable[[str], None]) -> None:
        self._now = now
        self._count = count
        self._said: dict[tuple[str, str], tuple[Millis, int]] = {}
        self._log = structlog.get_logger("livermore")

    def say(self, kind: str, words: str) -> None:
        """Take in one; what was said within the last minute is counted and said with the next line."""
        self._count(kind)
        now = self._now()
        said_at, unsaid = self._said.pop((kind, words), (None, 0))
        if said_at is not None and 0 <= now - said_at < SAME_EVERY:
            self._said[kind, words] = (said_at, unsaid + 1)
            return
        more = {"repeated": unsaid} if unsaid else {}
        self._log.warning(kind, reason=words, **more)
        self._said[kind, words] = (now, 0)
        while len(self._said) > MOST_REMEMBERED:
            del self._said[next(iter(self._said))]
