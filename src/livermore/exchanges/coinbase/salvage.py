"""Reading the rows of a frame one by one when they cannot be read together, so that one bad row costs no other."""

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from livermore.exchanges.coinbase import frames

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Unread:
    """A datum that could not be read: why, what it looks like, and whose it is if that can be told."""

    reason: str
    sample: bytes
    product: str | None


class _RawBatch(msgspec.Struct):
    """An event of either channel, its rows unread."""

    candles: list[msgspec.Raw] = []
    tickers: list[msgspec.Raw] = []
    type: str = "update"


class _Named(msgspec.Struct):
    product_id: str = ""


_RAW_BATCHES = msgspec.json.Decoder(list[_RawBatch])
_NAMED = msgspec.json.Decoder(_Named)


def candle_batches(events: msgspec.Raw) -> tuple[list[frames.CandleBatch], list[Unread]]:
    """The events of a frame of the candles channel, and what had to be left out of them."""
    try:
        return frames.CANDLES.decode(events), []
    except frames.UNREADABLE:
        raws, unread = _raw_batches(events)
    return [frames.CandleBatch(_rows(frames.CANDLE_ROW, raw.candles, unread), raw.type) for raw in raws], unread


def ticker_batches(events: msgspec.Raw) -> tuple[list[frames.TickerBatch], list[Unread]]:
    """The events of a frame of the ticker channel, and what had to be left out of them."""
    try:
        return frames.TICKERS.decode(events), []
    except frames.UNREADABLE:
        raws, unread = _raw_batches(events)
    return [frames.TickerBatch(_rows(frames.TICKER_ROW, raw.tickers, unread), raw.type) for raw in raws], unread


def _raw_batches(events: msgspec.Raw) -> tuple[list[_RawBatch], list[Unread]]:
    try:
        return _RAW_BATCHES.decode(events), []
    except frames.UNREADABLE as exc:
        return [], [Unread(f"events cannot be read: {exc}", bytes(events), None)]


def _rows(decoder: msgspec.json.Decoder[Row], raws: list[msgspec.Raw], unread: list[Unread]) -> list[Row]:
    """The rows that can be read; the others are added to `unread`."""
    rows = []
    for raw in raws:
        try:
            rows.append(decoder.decode(raw))
        except frames.UNREADABLE as exc:
            unread.append(Unread(f"a row cannot be read: {exc}", bytes(raw), _product_in(raw)))
    return rows


def _product_in(raw: msgspec.Raw) -> str | None:
    try:
        return _NAMED.decode(raw).product_id or None
    except frames.UNREADABLE:
        return None
