"""What waits to be sent to one client: bounded, and fair to those who read slowly."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from livermore.api.live.cursor import Cursor, place_of
from livermore.api.live.store_logs import Entry
from livermore.api.live.topics import Topic

LOG_ENTRIES: Final = 500
LATEST_VALUES: Final = 20_000
PROGRESS_KEPT: Final = 1_000


@dataclass(slots=True)
class Following:
    """A topic that loses nothing, as one client follows it.

    While it `is_behind`, entries are read from the stream and not taken from the fan-out; `is_dirty` says that the
    fan-out had something meanwhile. `places` is where the client stands in the stream of each exchange.
    """

    topic: Topic
    store: str
    places: dict[int, str]
    waiting: deque[Entry] = field(default_factory=deque)
    is_behind: bool = True
    is_dirty: bool = False

    @property
    def cursor(self) -> str:
        """What the client may hand back to go on from here."""
        return str(Cursor(self.store, self.places))

    def offer(self, entry: Entry) -> None:
        """Take what the fan-out has; too much of it sends the client back to the stream, where nothing is lost."""
        if self.is_behind:
            self.is_dirty = True
        elif len(self.waiting) >= LOG_ENTRIES:
            self.waiting.clear()
            self.is_behind, self.is_dirty = True, True
        else:
            self.waiting.append(entry)

    def passes(self, entry: Entry) -> bool:
        """Whether the entry is new to the client; the client then stands behind it."""
        before = self.places.get(entry.exchange_id, "0-0")
        if place_of(entry.id) <= place_of(before):
            return False
        self.places[entry.exchange_id] = entry.id
        return True


class Outbox:
    """The latest values for a client by topic and key, and its followings; `news` is set when there is something.

    Who does not see all is shown the network without hosts and people.
    """

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.followings: dict[Topic, Following] = {}
        self.topics: set[Topic] = set()
        self.sees_all = False
        self._has_lost_store = False
        self.stale: set[Topic] = set()
        self._held: set[Topic] = set()
        self._latest: dict[tuple[Topic, str], bytes] = {}
        self._progress: dict[tuple[Topic, str], bytes] = {}
        self.dropped: dict[Topic, int] = {}

    def offer_latest(self, topic: Topic, key: str, data: bytes, *, counts: bool) -> None:
        """Keep the latest value of `key`; `counts` says whether to tell the client of those it never saw."""
        if topic not in self.topics:
            return
        place = (topic, key)
        if place in self._latest:
            if counts:
                self.dropped[topic] = self.dropped.get(topic, 0) + 1
        elif len(self._latest) >= LATEST_VALUES:
            self.dropped[topic] = self.dropped.get(topic, 0) + 1
            return
        self._latest[place] = data
        self.news.set()

    def offer_entry(self, topic: Topic, entry: Entry) -> None:
        """Hand an entry to the following of `topic`."""
        following = self.followings.get(topic)
        if following is not None:
            following.offer(entry)
            self.news.set()

    def lose_store(self) -> None:
        """Have the client told that the store is away: until it is back nothing that it sees is kept up to date."""
        self._has_lost_store = True
        self.news.set()

    def take_loss(self) -> bool:
        """Whether the client is still to be told that the store is away."""
        taken, self._has_lost_store = self._has_lost_store, False
        return taken

    def offer_progress(self, topic: Topic, key: str, data: bytes) -> None:
        """Keep how far something is that a following tells of, the latest of each; it is no entry and may be lost."""
        if topic in self.followings and (len(self._progress) < PROGRESS_KEPT or (topic, key) in self._progress):
            self._progress[topic, key] = data
            self.news.set()

    def take_progress(self) -> Mapping[tuple[Topic, str], bytes]:
        """How far things are, as far as the client was not told yet."""
        taken, self._progress = self._progress, {}
        return taken

    def doubt(self, topic: Topic) -> None:
        """Have a topic shown anew, for something of it may have been missed."""
        if topic in self.topics:
            self.stale.add(topic)
        if topic in self.followings:
            self.followings[topic].is_behind = True
        self.news.set()

    def hold(self, topic: Topic) -> None:
        """Gather the values of a topic, but give none: its snapshot is to be sent first."""
        self._held.add(topic)

    def release(self, topic: Topic) -> None:
        """Give the values of a topic again."""
        self._held.discard(topic)
        self.news.set()

    def take_latest(self) -> Mapping[tuple[Topic, str], bytes]:
        """The latest values that wait, but for those held back."""
        waiting, self._latest = self._latest, {}
        if not self._held:
            return waiting
        self._latest = {place: data for place, data in waiting.items() if place[0] in self._held}
        return {place: data for place, data in waiting.items() if place[0] not in self._held}

    def forget(self, topic: Topic) -> None:
        """Send no more of a topic."""
        self.topics.discard(topic)
        self.stale.discard(topic)
        self.followings.pop(topic, None)
        self.dropped.pop(topic, None)
        for values in (self._latest, self._progress):
            for place in [place for place in values if place[0] == topic]:
                del values[place]
