"""Whoever changes which symbols are watched has the turn meanwhile, so that no two changes undo each other."""

import asyncio
from typing import Any, cast

import pytest

from livermore.core.instance.commands import BulkAddSymbols, Payload, RemoveSymbol, a_command
from livermore.core.instance.lifecycle import State
from livermore.errors import NotPossibleNow
from livermore.runtime.executors import Desk
from livermore.runtime.symbol_executors import bulk_add_symbols, remove_symbol

TURNS = 20


class Idle:
    """An instance without a session, which says when it is looked at."""

    def __init__(self) -> None:
        self.is_looked_at = False

    @property
    def session(self) -> None:
        self.is_looked_at = True

    @property
    def status(self) -> Any:
        class Status:
            paused_by = None
            exchange_name = "coinbase"
            connection_state = State.IDLE

        return Status()


class NoCourse:
    exchange = None


@pytest.mark.parametrize(
    ("deed", "payload"), [(bulk_add_symbols, BulkAddSymbols(("BTC-USD",))), (remove_symbol, RemoveSymbol("BTC-USD"))]
)
async def test_symbols_are_added_and_removed_in_turn(deed: Any, payload: Payload) -> None:
    instance = Idle()
    desk = Desk(cast(Any, instance), cast(Any, NoCourse()))
    command = a_command(1, "one", payload, "ada@example.org", 0)
    async with asyncio.TaskGroup() as tasks:
        async with desk.turn:
            doing = tasks.create_task(_refused(deed(desk, command, lambda *_: None)), name="deed")
            for _ in range(TURNS):
                await asyncio.sleep(0)
            assert not instance.is_looked_at, "nothing is decided while somebody else decides"
        await doing

    assert instance.is_looked_at
    assert doing.result()


async def _refused(work: Any) -> bool:
    with pytest.raises(NotPossibleNow):
        await work
    return True
