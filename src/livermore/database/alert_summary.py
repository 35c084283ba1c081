"""How many alerts of which kind the ledger has of a stretch of time."""

from dataclasses import dataclass
from typing import Final

from livermore.core.market.timeframe import Millis
from livermore.database.connect import Connection
from livermore.database.queries import Query


@dataclass(frozen=True, slots=True)
class AlertCount:
    """So many alerts of an exchange are alike; `kind` is the first word of their label, as in ``"level"``."""

    exchange_id: int
    timeframe: str
    kind: str
    direction: str
    status: str
    alerts: int


_COUNT: Final = Query("alert_summary.count_alerts", AlertCount)


async def count_alerts(connection: Connection, since: Millis, until: Millis) -> tuple[AlertCount, ...]:
    """How many alerts there are of candles that closed in ``[since, until)``, as they stand now."""
    return await _COUNT.all(connection, since=since, until=until)
