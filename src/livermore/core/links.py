"""The connections as the engine sees them: what each carries, how far it has told, and who takes over from whom."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from livermore.core.market.timeframe import DAY, Millis
from livermore.core.symbol import WatchedSymbol

# No connection is silent for so long and then goes on; a frame that claims it is garbled.
LONGEST_LEAP: Final = DAY
# A session that was cut off for longer has lost its exchange long since: a connection that claims it is garbled.
LONGEST_ABSENCE: Final = 30 * DAY


@dataclass(slots=True)
class Link:
    """A connection: its watermark, and when that next closes buckets or has them verified."""

    symbols: tuple[str, ...]
    watermark: Millis
    closes_when: Millis = 0
    vouches_when: Millis = 0
    verifies_when: Millis = 0


class Links(dict[int, Link]):
    """The connections that are up, by number, over the watched symbols, which whoever made this may change."""

    def __init__(self, symbols: Mapping[str, WatchedSymbol]) -> None:
        super().__init__()
        self._symbols = symbols

    def up(self, number: int, at: Millis, carried: Iterable[str]) -> None:
        """A connection is up, or carries more symbols than before."""
        known = self.get(number)
        # Sorted, because the order of effects must not depend on how this process happens to hash names.
        if known is None:
            self[number] = Link(tuple(sorted(carried)), at)
        else:
            known.symbols = tuple(sorted({*carried, *known.symbols}))

    def is_carried_on(self, name: str, number: int) -> bool:
        """Whether a connection that is younger than `number`, and so outlives it, carries a symbol already.

        Both connections of a handover are asked for a symbol that joins meanwhile, and the old one may confirm it last.
        Were it given to that one, nobody would carry it when the old one ends.
        """
        carrier = self._symbols[name].feed.link
        return carrier is not None and carrier > number and carrier in self

    def await_the_last_word_on(self, name: str, grace: Millis) -> None:
        """Look again when the outgoing connection of a symbol, if any, has told all up to when it was replaced."""
        outgoing = self._symbols[name].feed.outgoing
        old = None if outgoing is None else self.get(outgoing.link)
        if outgoing is not None and old is not None:
            old.vouches_when = max(old.vouches_when, outgoing.until + grace)
            old.closes_when = min(old.closes_when, old.vouches_when)

    def down(self, number: int) -> int | None:
        """A connection has ended: how many symbols nobody carries since; None where it had never come up."""
        ended = self.pop(number, None)
        lost = 0
        for symbol in self._symbols.values():
            if symbol.feed.link != number:
                symbol.feed.doubted(number)
                continue
            symbol.feed.disconnected()
            heir = None if symbol.feed.link is None else self.get(symbol.feed.link)
            if heir is None:
                lost += 1
            else:
                # It has not closed what it passed while another carried the symbol.
                heir.closes_when = min(heir.closes_when, heir.watermark + 1)
        return None if ended is None else lost

    def doubt(self, number: int) -> None:
        """Rely no longer on a connection for the symbols that it has handed over."""
        known = self.get(number)
        for name in () if known is None or not known.vouches_when else known.symbols:
            self._symbols[name].feed.doubted(number)

    def leaps(self, number: int, at: Millis) -> bool:
        """Whether a connection claims to be where none can have got to."""
        known = self.get(number)
        return known is not None and at - known.watermark > LONGEST_LEAP

    def vouch(self, number: int, at: Millis, grace: Millis) -> None:
        """Let symbols that a connection has handed over be whole across both, once it has told all of its time."""
        known = self[number]
        for name in known.symbols:
            self._symbols[name].feed.vouched(number, at - grace)
        if at < known.vouches_when:
            known.closes_when = min(known.closes_when, known.vouches_when)

    def carried_by(self, number: int) -> Iterator[WatchedSymbol]:
        """The symbols that are heard by a connection, and by none that has taken over from it."""
        known = self.get(number)
        for name in () if known is None else known.symbols:
            symbol = self._symbols[name]
            if symbol.feed.link == number:
                yield symbol

    def forget(self) -> None:
        """Carry no symbol that is not watched any more."""
        for link in self.values():
            link.symbols = tuple(name for name in link.symbols if name in self._symbols)
