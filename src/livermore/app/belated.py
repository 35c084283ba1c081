"""What has waited on its way to people: told after the news, in the order of time, and saying so.

A channel may be away for hours. What is fresh when it comes back is told as ever; the rest follows under a heading of
its own, and what could not be told at all is counted once, before everything else.
"""

from dataclasses import replace
from typing import Final

from livermore.app.errand import Errand
from livermore.core.alerts.alert import Alert
from livermore.core.alerts.grouping import Message, Telling, messages_of, messages_of_backlog
from livermore.core.alerts.text import instant_text, span_text
from livermore.core.market.timeframe import DAY, MINUTE, SECOND, Millis
from livermore.database.told import Lost

WORTH_SAYING: Final[Millis] = MINUTE
LOST_FOR: Final[Millis] = 7 * DAY
"""What was given up longer ago is not told of any more."""

LONGEST_REASON: Final = 200


def messages_in_turn(errand: Errand, telling: Telling, lost: Lost) -> list[Message]:
    """All that the channel is to be told now: the news first, then what has waited; `lost` is told with the first."""
    most = errand.settings.most_alerts_per_message
    waited = [alert for alert in errand.alerts if is_belated(errand, alert, telling.now)]
    fresh = [alert for alert in errand.alerts if not is_belated(errand, alert, telling.now)]
    late = [_saying_so(errand, message, telling.now) for message in messages_of_backlog(waited, most, telling)]
    messages = [*messages_of(fresh, most, telling), *late]
    if messages and lost.first_at is not None and lost.last_at is not None:
        messages[0] = replace(
            messages[0], lines=(_farewell(lost, lost.first_at, lost.last_at, telling), *messages[0].lines)
        )
    return messages


def is_belated(errand: Errand, alert: Alert, now: Millis) -> bool:
    """Whether an alert has waited much longer than alerts are gathered for."""
    waited = now - errand.deliveries[alert.id].created_at
    return waited >= WORTH_SAYING + round(errand.settings.group_after_seconds * SECOND)


def _saying_so(errand: Errand, message: Message, now: Millis) -> Message:
    oldest = min((errand.deliveries[alert.id] for alert in message.alerts), key=lambda one: one.created_at)
    reason = f": {oldest.reason[:LONGEST_REASON]}" if oldest.reason else ""
    return replace(message, lines=(f"told {span_text(now - oldest.created_at)} late{reason}", *message.lines))


def _farewell(lost: Lost, first_at: Millis, last_at: Millis, telling: Telling) -> str:
    first, last = (instant_text(at, telling.zone, telling.now) for at in (first_at, last_at))
    when = f"at {first}" if first == last else f"between {first} and {last}"
    return f"{lost.count} {'alert' if lost.count == 1 else 'alerts'} could not be told here, raised {when}"
