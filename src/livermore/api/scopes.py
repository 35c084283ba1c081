"""What the key of a partner may be used for."""

from enum import StrEnum


class Scope(StrEnum):
    """One part of the API that a key opens; the stream needs `stream` and the scope of each topic."""

    READINGS = "readings"
    CANDLES = "candles"
    ALERTS = "alerts"
    EXCHANGES = "exchanges"
    SYMBOLS = "symbols"
    STREAM = "stream"
