"""A process that is killed while it is paused comes back paused, and loses nothing for it."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from faults.harness import a_fire
from faults.test_crashes import a_process
from faults.test_network import AUTOSTARTED, SPEED, active, settle, shown, told, until
from livermore.core.instance.commands import Pause, Resume
from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState

pytestmark = pytest.mark.timeout(240)


async def test_a_killed_process_comes_back_paused_by_the_same_person_and_catches_up_when_resumed(
    tmp_path: Path,
) -> None:
    async with a_fire(tmp_path, speed=SPEED) as fire, AsyncExitStack() as stack:
        first = await stack.enter_async_context(a_process(fire, *AUTOSTARTED))
        before = await active(fire, pid=first.pid)
        assert (await told(fire, Pause(), "pause", before.instance_id)).is_success
        paused = await shown(fire)
        assert paused is not None
        first.kill()
        await first.wait()

        second = await stack.enter_async_context(a_process(fire, *AUTOSTARTED))

        async def is_back() -> bool:
            status = await shown(fire)
            if status is None or status.pid != second.pid or status.paused_by is None:
                return False
            return status.connection_state is State.STARTING

        await until(is_back)
        back = await shown(fire)
        assert back is not None
        assert (back.paused_by, back.paused_at) == (paused.paused_by, paused.paused_at) == ("ada", paused.paused_at)
        assert (back.feed_state, back.epoch) == (FeedState.DOWN, before.epoch + 1)

        assert (await told(fire, Resume(), "resume", back.instance_id)).is_success
        after = await active(fire, pid=second.pid)
        assert after.paused_by is None
        await settle(fire)
