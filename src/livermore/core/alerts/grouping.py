"""Many alerts, few messages: what one channel says of all that waits for it.

A few alerts get a message each. More than that become lists, the most telling series first, each in the order of time;
what does not fit into the last list is counted there by what happened. Every alert is in exactly one message, so its
delivery has exactly one fate.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Final, TypeAlias

from livermore.core.alerts.alert import Alert, Direction
from livermore.core.alerts.text import happening, instant_text, price_text
from livermore.core.market.timeframe import Millis, Timeframe

ALONE_UP_TO: Final = 3
MOST_MESSAGES: Final = 6
MOST_PER_MESSAGE: Final = 25
LONGEST_TEXT: Final = 3_500
LONGEST_LINE: Final = 400
MOST_COUNTS: Final = 12


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent at once: the alerts whose fate it is, a title, and lines that fit into `LONGEST_TEXT` together.

    `link` leads to where one sees more of it.
    """

    alerts: tuple[Alert, ...]
    title: str
    lines: tuple[str, ...]
    link: str | None = None

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Telling:
    """To whom it is told: the time where they live, what it is for them now, and the address of their screens."""

    zone: tzinfo = UTC
    now: Millis = 0
    site: str | None = None

    def link_to(self, alert: Alert) -> str | None:
        """Where the alert is to be seen, None where nobody knows."""
        return None if self.site is None else f"{self.site}/alerts/{alert.id}"


def messages_of(
    alerts: Sequence[Alert], most_per_message: int = MOST_PER_MESSAGE, telling: Telling | None = None
) -> tuple[Message, ...]:
    """At most `MOST_MESSAGES` messages that tell of all `alerts`, none of which lists more than `most_per_message`."""
    told = telling or Telling()
    if len(alerts) <= ALONE_UP_TO:
        ordered = sorted(alerts, key=lambda alert: (alert.closes_at, alert.id))
        return tuple(Message((one,), title_of(one), (line_of(one, told),), told.link_to(one)) for one in ordered)
    ranked = _ranked(alerts)
    pages = _pages(ranked, most_per_message, told)
    if len(pages) > MOST_MESSAGES:
        listed = pages[: MOST_MESSAGES - 1]
        rest = ranked[sum(len(page) for page in listed) :]
        counted = Message(tuple(rest), f"{len(rest)} more alerts, {_between(rest, told)}", _counted(rest))
        return (*_listed(listed, len(alerts), told), counted)
    return tuple(_listed(pages, len(alerts), told))


def messages_of_backlog(alerts: Sequence[Alert], most_per_message: int, telling: Telling) -> tuple[Message, ...]:
    """The same of what has waited: in the order of time, and where that is too much, the earliest are counted."""
    if len(alerts) <= ALONE_UP_TO:
        return messages_of(alerts, most_per_message, telling)
    newest_first = sorted(alerts, key=lambda alert: (alert.closes_at, alert.id), reverse=True)
    pages = _pages(newest_first, most_per_message, telling)
    if len(pages) > MOST_MESSAGES:
        pages = pages[: MOST_MESSAGES - 1]
    earlier = newest_first[sum(len(page) for page in pages) :][::-1]
    messages: list[Message] = []
    if earlier:
        title = f"{len(earlier)} earlier alerts that waited, {_between(earlier, telling)}"
        messages.append(Message(tuple(earlier), title, _counted(earlier)))
    for number, page in enumerate(reversed(pages), 1):
        part = "" if len(pages) == 1 else f" (part {number})"
        title = f"{len(alerts)} alerts that waited{part}, {_between(page, telling)}"
        ordered = tuple(reversed(page))
        messages.append(Message(ordered, title, tuple(line_of(alert, telling) for alert in ordered)))
    return tuple(messages)


def title_of(alert: Alert) -> str:
    """What an alert of its own is headed with, such as ``BTC-USD 1h crossed above 150``."""
    mark = "SIMULATED " if alert.is_simulated else ""
    return f"{mark}{alert.symbol} {alert.timeframe} {happening(alert)}"


def line_of(alert: Alert, telling: Telling) -> str:
    """All that matters of an alert in one line, beginning with the close of its candle."""
    arrow = "▲" if alert.direction is Direction.UP else "▼"
    line = (
        f"{arrow} {instant_text(alert.closes_at, telling.zone, telling.now)} · {title_of(alert)} · "
        f"MACD-V {alert.value:+.1f} · {price_text(alert.price)} · "
        f"{alert.exchange.display_name} · {alert.bias}"
    )
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


_Series: TypeAlias = tuple[int, str, Timeframe]


def _series_of(alert: Alert) -> _Series:
    return alert.exchange.id, alert.symbol, alert.timeframe


def _ranked(alerts: Sequence[Alert]) -> list[Alert]:
    """The longest timeframe first, then the series that went farthest, each in the order of time.

    The id makes the order whole.
    """
    farthest: dict[_Series, float] = {}
    for alert in alerts:
        series = _series_of(alert)
        farthest[series] = max(abs(alert.value), farthest.get(series, 0.0))

    def rank(alert: Alert) -> tuple[int, float, _Series, Millis, str]:
        series = _series_of(alert)
        return -alert.timeframe.millis, -farthest[series], series, alert.closes_at, alert.id

    return sorted(alerts, key=rank)


def _between(alerts: Sequence[Alert], telling: Telling) -> str:
    """From when to when their candles closed."""
    closes = [alert.closes_at for alert in alerts]
    first, last = (instant_text(close, telling.zone, telling.now) for close in (min(closes), max(closes)))
    return first if first == last else f"{first} to {last}"


def _pages(alerts: Sequence[Alert], most: int, telling: Telling) -> list[list[Alert]]:
    pages: list[list[Alert]] = [[]]
    length = 0
    for alert in alerts:
        needed = len(line_of(alert, telling)) + 1
        if length + needed > LONGEST_TEXT or len(pages[-1]) == most:
            pages.append([])
            length = 0
        pages[-1].append(alert)
        length += needed
    return pages


def _listed(pages: Sequence[Sequence[Alert]], total: int, telling: Telling) -> list[Message]:
    messages = []
    for number, page in enumerate(pages, 1):
        part = "" if len(pages) == 1 else f" (part {number})"
        lines = tuple(line_of(alert, telling) for alert in page)
        messages.append(Message(tuple(page), f"{total} alerts{part}, {_between(page, telling)}", lines))
    return messages


def _counted(alerts: Sequence[Alert]) -> tuple[str, ...]:
    counts = Counter(
        f"{alert.exchange.display_name} {alert.timeframe} {happening(alert)}"[:LONGEST_LINE] for alert in alerts
    )
    lines: list[str] = []
    for what, count in counts.most_common(MOST_COUNTS):
        lines.append(f"{count} × {what}")
        if sum(len(line) + 1 for line in lines) > LONGEST_TEXT - LONGEST_LINE:
            break
    others = len(alerts) - sum(counts[line.split(" × ", 1)[1]] for line in lines)
    return (*lines, f"{others} × something else") if others else tuple(lines)
