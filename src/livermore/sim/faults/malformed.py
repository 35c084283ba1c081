"""Ways to damage a frame: broken JSON, impossible numbers, and additions that must be tolerated."""

from collections.abc import Callable
from typing import Any

import msgspec

from livermore.sim.faults.fault import Damage

HTML_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)
_OPEN, _HIGH, _LOW, _CLOSE, _VOLUME = range(5)
_KEYS = (("o", "h", "l", "c", "v"), ("open", "high", "low", "close", "volume"))


def damaged(text: str, how: Damage, chance: float) -> str:
    """The frame, damaged; damage to numbers of a frame that has none is a broken frame."""
    ways: list[Damage] = list(_BODIES)
    if how == "any":
        how = ways[int(chance * len(ways))]
    if how == "truncated":
        return text[: len(text) * 2 // 3]
    if how == "html":
        return HTML_PAGE
    body = msgspec.json.decode(text)
    if not isinstance(body, dict) or not _BODIES[how](body):
        return text[: len(text) * 2 // 3]
    return msgspec.json.encode(body).decode()


def _candles(found: Any) -> list[dict[str, Any]]:
    """All objects in a frame that have the prices of a candle."""
    if isinstance(found, list):
        return [candle for one in found for candle in _candles(one)]
    if not isinstance(found, dict):
        return []
    own = [found] if any(set(keys[:4]) <= found.keys() for keys in _KEYS) else []
    return own + [candle for one in found.values() for candle in _candles(one)]


def _names(candle: dict[str, Any]) -> tuple[str, ...]:
    return next(keys for keys in _KEYS if set(keys[:4]) <= candle.keys())


def _setting(field: int, value: str) -> Callable[[dict[str, Any]], bool]:
    def change(body: dict[str, Any]) -> bool:
        candles = _candles(body)
        for candle in candles:
            candle[_names(candle)[field]] = value
        return bool(candles)

    return change


def _swap(body: dict[str, Any]) -> bool:
    """High below low, even where they were equal."""
    candles = _candles(body)
    for candle in candles:
        names = _names(candle)
        candle[names[_HIGH]], candle[names[_LOW]] = candle[names[_LOW]], "9" + candle[names[_HIGH]]
    return bool(candles)


def _off_grid(body: dict[str, Any]) -> bool:
    """A candle that opens 7 s after a boundary."""
    candles = [candle for candle in _candles(body) if "t" in candle or "start" in candle]
    for candle in candles:
        if "start" in candle:
            candle["start"] = str(int(candle["start"]) + 7)
        else:
            candle["t"] += 7_000
    return bool(candles)


def _add_field(body: dict[str, Any]) -> bool:
    for one in (body, *_candles(body)):
        one["zz_new"] = {"added": [1, None, "yes"]}
    return True


def _rename(body: dict[str, Any]) -> bool:
    """A channel, or a kind of event, that nobody has heard of."""
    event = body["data"] if isinstance(body.get("data"), dict) else body
    event["channel" if "channel" in event else "e"] = "somethingNew"
    return True


_BODIES: dict[Damage, Callable[[dict[str, Any]], bool]] = {
    "truncated": lambda _: False,
    "html": lambda _: False,
    "nan": _setting(_CLOSE, "NaN"),
    "negative_volume": _setting(_VOLUME, "-1.5"),
    "high_below_low": _swap,
    "off_grid": _off_grid,
    "unknown_field": _add_field,
    "unknown_kind": _rename,
}
