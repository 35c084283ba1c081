"""The verb `db`."""

from enum import StrEnum
from typing import Annotated

import msgspec
import typer

from livermore.app.database import database_of, lead_to_schema, state_of_schema
from livermore.app.redis_settings import HOME
from livermore.cli.running import run_until_ended
from livermore.config import read_environment
from livermore.database.connect import DatabaseSettings
from livermore.database.migrate import Fit, SchemaState
from livermore.errors import ConfigError
from livermore.runtime.clock import SystemClock


class Action(StrEnum):
    """What is to be done with the schema."""

    STATUS = "status"
    APPLY = "apply"
    CHECK = "check"


def db(
    action: Annotated[Action, typer.Argument(help="Tell how it stands, lead it here, or only say whether it fits.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Look after the schema in PostgreSQL: status tells which steps it has had, apply takes those it lacks, check says
    whether this program can work on it.

    It is the PostgreSQL that LIVERMORE_DATABASE_HOST names, or else that of the livermore up that runs here. Only the
    schema called livermore is ever touched; what else the database holds is not looked at.
    """
    settings = database_of(read_environment(), HOME)
    if action is Action.APPLY:
        applied = run_until_ended(lead_to_schema(settings, SystemClock().now()))
        steps = [{"version": step.version, "name": step.name} for step in applied]
        text = "".join(f"applied {step.version:04} {step.name}\n" for step in applied) or "nothing to apply\n"
        _say(msgspec.json.encode({"applied": steps}).decode() + "\n" if as_json else text)
        return
    state = run_until_ended(state_of_schema(settings))
    if action is Action.CHECK and state.fit is not Fit.CURRENT:
        raise ConfigError(state.sentence)
    _say(_document(settings, state) if as_json else _words(settings, state, action))


def _words(settings: DatabaseSettings, state: SchemaState, action: Action) -> str:
    lines = [f"PostgreSQL at {settings.address}: {state.sentence}"]
    if action is Action.STATUS:
        lines += [f"  {step.version:04} {step.name}: applied" for step in state.applied]
        lines += [f"  {step.version:04} {step.name}: missing" for step in state.missing]
    return "\n".join(lines) + "\n"


def _document(settings: DatabaseSettings, state: SchemaState) -> str:
    applied = [
        {"version": step.version, "name": step.name, "appliedAt": step.applied_at, "checksum": step.checksum}
        for step in state.applied
    ]
    missing = [{"version": step.version, "name": step.name} for step in state.missing]
    document = {"address": settings.address, "fit": state.fit.value, "applied": applied, "missing": missing}
    return msgspec.json.encode(document).decode() + "\n"


def _say(text: str) -> None:
    typer.echo(text, nl=False)
