"""The network as a JSON document: for each exchange its presence, its status as under its key, and its spares."""

from collections.abc import Sequence
from typing import Any

import msgspec

from livermore.cache.codec.status import encode_status
from livermore.core.instance.overview import NetworkRow
from livermore.core.instance.status import Status
from livermore.core.market.timeframe import Millis


def network_document(rows: Sequence[NetworkRow], now: Millis) -> bytes:
    """All rows as of our instant `now`; durations are in milliseconds.

    ::

        {"now":1769093700000,"exchanges":[{"exchangeId":1,"exchangeName":"coinbase","presence":"alive","uptime":300000,
         "heartbeatAge":1000,"seenAgo":null,"lastHost":null,"problem":null,"status":{…},"spares":[]}]}
    """
    return msgspec.json.encode({"now": now, "exchanges": [_fields(row) for row in rows]})


def _fields(row: NetworkRow) -> dict[str, Any]:
    return {
        "exchangeId": row.exchange.id,
        "exchangeName": row.exchange.name,
        "presence": row.presence.value,
        "uptime": row.uptime,
        "heartbeatAge": row.heartbeat_age,
        "seenAgo": row.seen_ago,
        "lastHost": row.last_host,
        "problem": row.problem,
        "status": None if row.status is None else _status(row.status),
        "spares": [_status(one) for one in row.spares],
    }


def _status(status: Status) -> msgspec.Raw:
    return msgspec.Raw(encode_status(status))
