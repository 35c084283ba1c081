"""Whether PostgreSQL is there, where one is named, and has the schema of this program."""

from pathlib import Path

from livermore.app.checkup import Finding, Verdict
from livermore.app.database import database_of, database_settings, state_of_schema
from livermore.config import Environment
from livermore.database.migrate import Fit
from livermore.errors import ConfigError, LivermoreError

CURE = "start it, or correct the LIVERMORE_DATABASE_ variables; market data and alerts go on without it"


async def check_database(environment: Environment, home: Path) -> Finding:
    """What there is to say of the database of people and history."""
    try:
        settings = database_of(environment, home)
    except ConfigError as exc:
        if database_settings(environment) is not None:
            return Finding("PostgreSQL", Verdict.FAILED, str(exc), CURE)
        seen = "none is named; an instance runs without settings, people and ledger"
        return Finding("PostgreSQL", Verdict.SKIPPED, seen, "for them, set LIVERMORE_DATABASE_HOST")
    try:
        state = await state_of_schema(settings)
    except LivermoreError as exc:
        return Finding("PostgreSQL", Verdict.FAILED, str(exc), CURE)
    verdict = Verdict.OK if state.fit is Fit.CURRENT else Verdict.FAILED
    cure = None if state.fit is Fit.CURRENT else "livermore db status tells more"
    return Finding("PostgreSQL", verdict, f"{settings.address} answers; {state.sentence}", cure)
