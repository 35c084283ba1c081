"""The verb `doctor`."""

from typing import Annotated

import typer

from livermore.app.doctor import run_doctor
from livermore.app.redis_settings import HOME
from livermore.cli.running import PlainConsole, run_until_ended
from livermore.cli.wishes import exchange_wished
from livermore.config import read_environment
from livermore.logs import set_up_logs


def doctor(
    exchanges: Annotated[
        list[str] | None, typer.Argument(help="Only these: coinbase, binance, binance_us; all where none is named.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> int:
    """Look at everything that an instance needs, and say what helps where it is not well.

    Memory, disk and open files, Redis with its persistence, PostgreSQL where it is named, and of each exchange its
    REST, its clock, its live feed and whether credentials are set. It exits with 1 when something keeps Livermore from
    working.
    """
    chosen = tuple(exchange_wished(name) for name in dict.fromkeys(exchanges or ()))
    environment = read_environment()
    set_up_logs("error", for_people=True)
    console = PlainConsole()
    is_well = run_until_ended(run_doctor(chosen, environment, HOME, console, as_json=as_json))
    return 0 if is_well else 1
