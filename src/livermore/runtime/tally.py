"""What a session has done so far, in numbers that only grow."""

from collections import Counter
from collections.abc import Iterable

from livermore.core.messages import Commit, FetchCandles


class Tally:
    """Candles written by timeframe, alerts by status, requests for history by reason."""

    def __init__(self) -> None:
        self.candles: Counter[str] = Counter()
        self.alerts: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()

    def wrote(self, commits: Iterable[Commit]) -> None:
        """Count what was committed; a correction counts again."""
        for commit in commits:
            for series in commit.series:
                self.candles[series.timeframe] += len(series.candles)
            for alert in commit.alerts:
                self.alerts[alert.status] += 1

    def asked(self, order: FetchCandles) -> None:
        """Count a request."""
        self.requests[order.reason] += 1
