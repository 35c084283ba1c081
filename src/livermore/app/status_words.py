"""What an instance says of itself, in the words and colours that all views of it share."""

from datetime import UTC, datetime
from typing import Final

from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.core.market.timeframe import SECOND, Millis

STATE_COLOURS: Final = {
    State.IDLE: "grey62",
    State.STARTING: "yellow",
    State.WARMING: "yellow",
    State.ACTIVE: "green",
    State.STOPPING: "dark_orange",
    State.STOPPED: "red",
}
FEED_COLOURS: Final = {FeedState.LIVE: "green", FeedState.DEGRADED: "yellow", FeedState.DOWN: "red"}


def moment(instant: Millis) -> str:
    """An instant as people read it, in UTC."""
    return datetime.fromtimestamp(instant / SECOND, tz=UTC).strftime("%d %b %H:%M")


def to_the_second(instant: Millis) -> str:
    """An instant as people read it, in UTC, with its seconds."""
    return datetime.fromtimestamp(instant / SECOND, tz=UTC).strftime("%d %b %H:%M:%S")


def state_text(status: Status) -> str:
    """The state, and whether a pause hides behind it."""
    state = status.connection_state.value
    return state if status.paused_by is None else f"{state}, paused"


def why_not_heard(status: Status) -> str | None:
    """Why no news of the exchange comes in, or not all of it: somebody's pause, or what is wrong with the feed."""
    if status.paused_by is not None:
        since = "" if status.paused_at is None else f" since {moment(status.paused_at)} UTC"
        return f"paused by {status.paused_by}{since}: no candles and no alerts until it is resumed"
    if status.feed_reasons and status.feed_state is not FeedState.LIVE:
        return f"feed {status.feed_state}: {'; '.join(status.feed_reasons)}"
    return None
