"""The symbols that one group of connections is to carry, which may become others while it does."""

import asyncio


class Wanted:
    """The symbols wanted at present; each connection of the group waits for the moment when they are others.

    `changes` counts how often they have changed.
    """

    def __init__(self, symbols: frozenset[str]) -> None:
        self.symbols = symbols
        self.changes = 0
        self._left_at: dict[str, int] = {}
        self._changed = asyncio.Event()

    def change(self, symbols: frozenset[str]) -> None:
        """Want these from now on."""
        if symbols != self.symbols:
            self.changes += 1
            self._left_at.update(dict.fromkeys(self.symbols - symbols, self.changes))
            self.symbols = symbols
            self._changed.set()
            # A new one for whoever waits next: nobody can miss a change, or wake up for one that is taken in.
            self._changed = asyncio.Event()

    async def other_than(self, known: frozenset[str], since: int) -> frozenset[str]:
        """What to carry instead of what is `known` since that count of changes, as soon as there is something.

        Symbols that have left since and come back are to be left out first: whoever wants them now knows nothing of
        what was carried before, and waits to be told that they are carried.
        """
        while True:
            rejoined = {symbol for symbol in known & self.symbols if self._left_at.get(symbol, 0) > since}
            if rejoined:
                return known - rejoined
            if self.symbols != known:
                return self.symbols
            await self._changed.wait()
