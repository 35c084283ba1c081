"""What was spent of a budget lately, kept in sixty pieces of a minute, and what the host itself says is used."""

from collections import deque

PIECES = 60


class Spending:
    """The weight of the requests of the last `minute` seconds; every instant is an argument, in seconds."""

    __slots__ = ("_minute", "_pieces", "_told", "_told_at")

    def __init__(self, minute: float) -> None:
        self._minute = minute
        self._pieces: deque[tuple[int, float]] = deque(maxlen=PIECES + 1)
        self._told = 0.0
        self._told_at = float("-inf")

    def spend(self, weight: float, now: float) -> None:
        """Note a request."""
        piece = self._piece(now)
        before = 0.0
        if self._pieces and self._pieces[-1][0] >= piece:
            piece, before = self._pieces.pop()
        self._pieces.append((piece, before + weight))

    def told(self, used: float, now: float) -> None:
        """Note what the host says is used of its present window, be it by us or by others at our address."""
        self._told, self._told_at = used, now

    def within(self, now: float) -> float:
        """What is used: ours of the last minute, or what the host has said in it, whichever is more."""
        oldest = self._piece(now) - PIECES
        ours = sum(weight for piece, weight in self._pieces if piece > oldest)
        return max(ours, self._told if now - self._told_at < self._minute else 0.0)

    def _piece(self, now: float) -> int:
        return int(now * PIECES / self._minute)
