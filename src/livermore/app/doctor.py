"""`livermore doctor`: everything that an instance needs, looked at before it is needed."""

import asyncio
from pathlib import Path

from rich.console import Console

from livermore.app.audit_places import is_simulated_store
from livermore.app.check_database import check_database
from livermore.app.check_exchange import check_exchange
from livermore.app.check_machine import check_credentials, check_machine, environment_of_process
from livermore.app.check_redis import check_redis
from livermore.app.checkup import Finding, as_document, has_failed, tell
from livermore.app.redis_settings import store_of
from livermore.cache.connect import open_redis
from livermore.config import Environment
from livermore.core.market.exchange import WATCHED, ExchangeIdentity
from livermore.errors import LivermoreError


async def run_doctor(
    exchanges: tuple[ExchangeIdentity, ...], environment: Environment, home: Path, console: Console, *, as_json: bool
) -> bool:
    """Look at everything, tell what was found; whether nothing keeps Livermore from working."""
    findings = await examined(exchanges or WATCHED, environment, home)
    if as_json:
        console.out(as_document(findings).decode(), highlight=False)
    else:
        tell(findings, console)
    return not has_failed(findings)


async def examined(
    exchanges: tuple[ExchangeIdentity, ...], environment: Environment, home: Path
) -> tuple[Finding, ...]:
    """All findings: of this machine, of the stores, then of each exchange, which are asked at the same time."""
    findings = [*check_machine(home), *await check_redis(environment, home), await check_database(environment, home)]
    is_simulated = await _is_simulated(environment, home)
    async with asyncio.TaskGroup() as tasks:
        asked = [
            tasks.create_task(
                check_exchange(exchange, environment, home, is_simulated=is_simulated), name=exchange.name
            )
            for exchange in exchanges
        ]
    for exchange, one in zip(exchanges, asked, strict=True):
        findings += [*one.result(), check_credentials(exchange, environment_of_process())]
    return tuple(findings)


async def _is_simulated(environment: Environment, home: Path) -> bool:
    """Whether the exchanges to be asked are simulated, by what is configured or else by what the store holds."""
    if environment.simulated_speed is not None:
        return True
    try:
        async with open_redis(store_of(environment, home)) as redis:
            return bool(await is_simulated_store(redis))
    except LivermoreError:
        return False
