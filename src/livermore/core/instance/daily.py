"""The message that comes once a day whatever happened, so that silence is noticed when it does not come."""

from collections.abc import Mapping, Sequence

from livermore.core.instance.overview import NetworkRow, Presence
from livermore.core.instance.status import FeedState


def daily_title(rows: Sequence[NetworkRow]) -> str:
    """Whether all that was ever started is watching."""
    missing = [row.exchange.display_name for row in rows if row.presence is not Presence.NEVER and not is_watching(row)]
    return f"Livermore is not watching {', '.join(missing)}" if missing else "Livermore is watching"


def daily_lines(rows: Sequence[NetworkRow], alerts: int, fates: Mapping[str, int]) -> tuple[str, ...]:
    """How each exchange is, and what the last day brought: `alerts` raised, and what became of telling people."""
    told = ", ".join(f"{count} {fate}" for fate, count in sorted(fates.items()) if count) or "none was to be told"
    lines = [_line(row) for row in rows if row.presence is not Presence.NEVER]
    return (*lines, f"The last 24 hours: {alerts} alerts; deliveries: {told}.")


def is_watching(row: NetworkRow) -> bool:
    """Whether its instance is alive, active and hears the exchange."""
    status = row.status
    return (
        row.presence is Presence.ALIVE
        and status is not None
        and status.connection_state == "active"
        and status.feed_state is not FeedState.DOWN
    )


def _line(row: NetworkRow) -> str:
    status = row.status
    if status is None:
        return f"{row.exchange.display_name}: {row.presence}" + (f", {row.problem}" if row.problem else "")
    watched = f"{status.symbol_count} symbols, feed {status.feed_state}"
    mark = "SIMULATED, " if status.is_simulated else ""
    return f"{row.exchange.display_name}: {mark}{row.presence}, {status.connection_state}, {watched}"
