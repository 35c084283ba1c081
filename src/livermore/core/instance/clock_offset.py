"""How far the exchange's clock is ahead of ours, and when that is worth a word: nothing but lags is told by it."""

from typing import Final

from livermore.core.market.timeframe import SECOND, Millis

WORTH_TELLING: Final[Millis] = 2 * SECOND


class ClockOffset:
    """What is to be added to our clock, which runs `speed` times as fast as time, to have the exchange's.

    `millis` is 0 until something else is measured.

    >>> offset = ClockOffset()
    >>> offset.measured(asked_at=1_000, theirs=4_100, answered_at=1_200)
    "the exchange's clock is 3.0 s ahead of ours"
    >>> offset.millis
    3000
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._worth_telling = WORTH_TELLING * speed
        self._told: Millis = 0
        self.millis: Millis = 0

    def measured(self, *, asked_at: Millis, theirs: Millis, answered_at: Millis) -> str | None:
        """Take in what the exchange's clock showed between two instants of ours; answers with what people should know.

        The truth lies within what the answer leaves open, so an offset that fits is kept: to change it would be noise.
        """
        least, most = theirs - answered_at, theirs - asked_at
        if not least <= self.millis <= most:
            self.millis = (least + most) // 2
        if abs(self.millis - self._told) < self._worth_telling:
            return None
        self._told = self.millis
        if abs(self.millis) < self._worth_telling:
            return "the exchange's clock and ours agree again"
        side = "ahead of" if self.millis > 0 else "behind"
        return f"the exchange's clock is {abs(self.millis) / SECOND:.1f} s {side} ours"
