"""Many alerts, few messages: what one channel says of all that waits for it.

A few alerts get a message each. More than that become lists, the most telling first; what does not fit into the last
list is counted there by what happened. Every alert is in exactly one message, so its delivery has exactly one fate.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from livermore.core.alerts.alert import Alert, Direction
from livermore.core.alerts.text import happening, price_text

ALONE_UP_TO: Final = 3
MOST_MESSAGES: Final = 6
MOST_PER_MESSAGE: Final = 25
LONGEST_TEXT: Final = 3_500
LONGEST_LINE: Final = 400
MOST_COUNTS: Final = 12


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent at once: the alerts whose fate it is, a title, and lines that fit into `LONGEST_TEXT` together."""

    alerts: tuple[Alert, ...]
    title: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


def messages_of(alerts: Sequence[Alert], most_per_message: int = MOST_PER_MESSAGE) -> tuple[Message, ...]:
    """At most `MOST_MESSAGES` messages that tell of all `alerts`, none of which lists more than `most_per_message`."""
    if len(alerts) <= ALONE_UP_TO:
        return tuple(Message((alert,), title_of(alert), (line_of(alert),)) for alert in alerts)
    ranked = sorted(alerts, key=_rank)
    pages = _pages(ranked, most_per_message)
    if len(pages) > MOST_MESSAGES:
        listed = pages[: MOST_MESSAGES - 1]
        rest = ranked[sum(len(page) for page in listed) :]
        counted = Message(tuple(rest), f"{len(rest)} more alerts", _counted(rest))
        return (*_listed(listed, len(alerts)), counted)
    return tuple(_listed(pages, len(alerts)))


def title_of(alert: Alert) -> str:
    """What an alert of its own is headed with, such as ``BTC-USD 1h crossed above 150``."""
    mark = "SIMULATED " if alert.is_simulated else ""
    return f"{mark}{alert.symbol} {alert.timeframe} {happening(alert)}"


def line_of(alert: Alert) -> str:
    """All that matters of an alert in one line."""
    arrow = "▲" if alert.direction is Direction.UP else "▼"
    line = (
        f"{arrow} {title_of(alert)} · MACD-V {alert.value:+.1f} · {price_text(alert.price)} · "
        f"{alert.exchange.display_name} · {alert.bias}"
    )
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}…"


def _rank(alert: Alert) -> tuple[int, float, str]:
    """The longest timeframe first, then the farthest value; the id makes the order whole."""
    return -alert.timeframe.millis, -abs(alert.value), alert.id


def _pages(alerts: Sequence[Alert], most: int) -> list[list[Alert]]:
    pages: list[list[Alert]] = [[]]
    length = 0
    for alert in alerts:
        needed = len(line_of(alert)) + 1
        if length + needed > LONGEST_TEXT or len(pages[-1]) == most:
            pages.append([])
            length = 0
        pages[-1].append(alert)
        length += needed
    return pages


def _listed(pages: Sequence[Sequence[Alert]], total: int) -> list[Message]:
    messages = []
    for number, page in enumerate(pages, 1):
        part = "" if len(pages) == 1 else f" (part {number})"
        messages.append(Message(tuple(page), f"{total} alerts{part}", tuple(line_of(alert) for alert in page)))
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
