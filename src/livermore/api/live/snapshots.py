"""What a topic of the live stream is at this moment, and who may listen to it."""

from collections.abc import Mapping
from typing import Final

import msgspec

from livermore.api.access import ADMINS, PEOPLE, READERS, allow
from livermore.api.auth.person import Person
from livermore.api.live.topics import Kind, Topic
from livermore.api.routes.cross import cross_signals
from livermore.api.routes.network import network_of
from livermore.api.routes.readings import candle_page, matrix_of, ticker_lines
from livermore.api.scopes import Scope
from livermore.api.window import Window
from livermore.core.account.people import Role
from livermore.errors import InvalidRequest

CANDLES: Final = 300
ALLOWED: Final[Mapping[Kind, tuple[frozenset[Role], Scope | None]]] = {
    Kind.TICKERS: (READERS, Scope.READINGS),
    Kind.READINGS: (READERS, Scope.READINGS),
    Kind.CANDLES: (READERS, Scope.CANDLES),
    Kind.ALERTS: (READERS, Scope.ALERTS),
    Kind.NETWORK: (READERS, None),
    Kind.ACTIVITY: (PEOPLE, None),
    Kind.COMMANDS: (ADMINS, None),
    Kind.CROSS: (READERS, Scope.READINGS),
}


def check_allowed(person: Person, topic: Topic) -> None:
    """Let the person listen.

    Raises:
        Forbidden: when they may not.
    """
    roles, scope = ALLOWED[topic.kind]
    if person.key is not None:
        allow(person, roles, Scope.STREAM)
    allow(person, roles, scope)


async def snapshot_of(window: Window, topic: Topic, *, sees_all: bool) -> bytes:
    """The topic as JSON: a matrix, tickers, candles, the network or cross signals; an empty list for all candles.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    exchange = topic.exchange
    if topic.kind is Kind.NETWORK:
        return (await network_of(window, sees_all=sees_all)).model_dump_json().encode()
    if topic.kind is Kind.CROSS:
        return (await cross_signals(window)).model_dump_json().encode()
    if exchange is None:
        raise InvalidRequest(f"{topic} names no exchange")
    if topic.kind is Kind.READINGS:
        return await matrix_of(window, exchange)
    if topic.kind is Kind.TICKERS:
        return msgspec.json.encode(await ticker_lines(window, exchange))
    if topic.symbol is None or topic.timeframe is None:
        return b"[]"
    page = await candle_page(window, exchange, topic.symbol, topic.timeframe, CANDLES, None)
    return page.model_dump_json().encode()
