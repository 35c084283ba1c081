"""Running what a verb has to do, and telling the one error that matters."""

import asyncio
from collections.abc import Coroutine
from typing import NoReturn, TypeVar

import uvloop
from rich.console import Console

from livermore.errors import LivermoreError

Outcome = TypeVar("Outcome")


class PlainConsole(Console):
    """A console whose reader may leave: that is told to who runs it, like any other end."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise what a plain write would have raised."""
        raise BrokenPipeError


def run_until_ended(work: Coroutine[None, None, Outcome]) -> Outcome:
    """Run `work`; of several errors at once the first of ours is the one to tell.

    Raises:
        BrokenPipeError: when whoever read our output has left.
    """
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    except BaseExceptionGroup as group:
        for kind in (LivermoreError, BrokenPipeError):
            found = group.subgroup(kind)
            if found is not None:
                raise _first(found) from group
        raise


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error = group.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
