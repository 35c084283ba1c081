"""Starting an instance without being told, and again when it fails; a person who stops it is obeyed."""

import asyncio
from typing import Final

from livermore.core.instance.lifecycle import State
from livermore.errors import ConfigError, LivermoreError, StoreError
from livermore.runtime.heartbeat import Pace
from livermore.runtime.instance import Instance, Tenure
from livermore.runtime.ports import Network

HEALTHY_SECONDS: Final = 60.0


async def run_autostart(instance: Instance, network: Network, pace: Pace) -> None:
    """Keep the instance serving until cancelled.

    Where another one serves the exchange it waits until that is dead or gone. What was stopped by a person stays so,
    and what was paused stays paused.

    Raises:
        ConfigError: when the instance cannot be started as it is configured, which no second try would mend.
    """
    admin, name = instance.status.admin_email, instance.status.admin_display_name
    loop = asyncio.get_running_loop()
    pause = pace.retry_seconds
    while True:
        began = loop.time()
        if instance.refused_by is None or await _is_left(instance, network):
            instance.begun.clear()
            await _try_to_start(instance, admin, name)
        tenure = instance.tenure
        if tenure is not None and not tenure.over.is_set():
            await _until_failed(instance, tenure)
        if loop.time() - began > HEALTHY_SECONDS:
            pause = pace.retry_seconds
        await asyncio.sleep(pause)
        pause = min(2 * pause, pace.longest_retry_seconds)


async def _try_to_start(instance: Instance, admin: str | None, name: str | None) -> None:
    """Start; where that fails for now, the instance has said why."""
    try:
        await instance.start(admin, name, keeps_pause=True)
    except ConfigError:
        raise
    except LivermoreError:
        return


async def _is_left(instance: Instance, network: Network) -> bool:
    """Whether it is worth a try: not where another instance, which is still there, was told to stop."""
    try:
        shown = await network.shown()
    except StoreError as error:
        instance.reports.report("store_unavailable", str(error))
        return False
    if shown is None or shown.instance_id == instance.status.instance_id:
        return True
    return shown.connection_state is not State.STOPPED


async def _until_failed(instance: Instance, tenure: Tenure) -> None:
    """Return once a session has failed; one that a person stopped is waited for until a person starts it again."""
    while True:
        await tenure.over.wait()
        if isinstance(tenure.failure, ConfigError):
            raise tenure.failure
        if tenure.failure is not None or instance.tenure is None:
            return
        if instance.tenure is tenure:
            instance.begun.clear()
            await instance.begun.wait()
        tenure = instance.tenure
