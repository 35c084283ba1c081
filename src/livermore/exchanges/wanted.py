"""The symbols that one group of connections is to carry, which may become others while it does."""

import asyncio


class Wanted:
    """The symbols wanted at present; each connection of the group waits for the moment when they are others."""

    def __init__(self, symbols: frozenset[str]) -> None:
        self.symbols = symbols
        self._changed = asyncio.Event()

    def change(self, symbols: frozenset[str]) -> None:
        """Want these from now on."""
        if symbols != self.symbols:
            self.symbols = symbols
            self._changed.set()
            # A new one for whoever waits next: nobody can miss a change, or wake up for one that is taken in.
            self._changed = asyncio.Event()

    async def other_than(self, known: frozenset[str]) -> frozenset[str]:
        """What is wanted, as soon as that is not what is known."""
        while self.symbols == known:
            await self._changed.wait()
        return self.symbols
