"""Instants as Coinbase writes them."""

from datetime import UTC, datetime

from livermore.core.market.timeframe import Millis


def rfc3339(instant: Millis, nanos: int) -> str:
    """``2024-10-04T07:04:40.812675707Z``: an instant and the nanoseconds of its millisecond."""
    seconds, millis = divmod(instant, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{millis:03d}{nanos % 1_000_000:06d}Z"


def go_time(instant: Millis, since: Millis) -> str:
    """``2024-10-04 07:04:40.820713045 +0000 UTC m=+66987.628148662``: Go's way, with the uptime of the server."""
    seconds, millis = divmod(instant, 1_000)
    uptime = (instant - since) / 1_000
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{millis:03d}000000 +0000 UTC m=+{uptime:.9f}"


def millis_of(text: str) -> Millis:
    """The instant that a client wrote, such as ``2024-10-04T07:04:40Z``; without an offset it is UTC.

    Raises:
        ValueError: when it is none.
    """
    found = datetime.fromisoformat(text)
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1_000)
