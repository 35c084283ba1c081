"""Whether a request to Binance is signed as it must be: its key, its time and its signature, checked in that order.

https://github.com/binance/binance-spot-api-docs/blob/master/rest-api.md#request-security
"""

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from aiohttp import web

from livermore.core.market.timeframe import SECOND, Millis
from livermore.sim.binance import errors
from livermore.sim.clock import SimClock
from livermore.sim.keys import SimKey

KEY_HEADER = "X-MBX-APIKEY"
AHEAD: Millis = SECOND
WINDOW_BY_DEFAULT: Millis = 5 * SECOND
LONGEST_WINDOW: Millis = 60 * SECOND
_KEY = re.compile(r"[A-Za-z0-9]{64}")
_TIMESTAMP = re.compile(r"[0-9]{1,16}")
_WINDOW = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?")
_SHORTEST_MICROSECONDS = 16


def signer(request: web.Request, keys: Mapping[str, SimKey], now: Millis, clock: SimClock) -> SimKey:
    """The key that has signed the request, which arrived at `now` by the exchange's clock.

    Where simulated time is fast, the client has as long as it would have in the real world.

    Raises:
        Refused: when it was not signed, or not in time.
    """
    name = request.headers.get(KEY_HEADER, "")
    if not _KEY.fullmatch(name):
        raise errors.malformed_key()
    payload, signature = _parts(request.rel_url.raw_query_string)
    query = dict(parse_qsl(payload, keep_blank_values=True))
    timestamp = query.get("timestamp", "")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise errors.missing("timestamp")
    if not signature:
        raise errors.missing("signature")
    key = keys.get(name)
    if key is None:
        raise errors.unknown_key()
    _check_time(timestamp, query.get("recvWindow", ""), now, clock)
    if not key.verifies(payload.encode(), _decoded(key, signature)):
        raise errors.wrong_signature()
    if not key.may_view:
        raise errors.unknown_key()
    return key


def _parts(query: str) -> tuple[str, str]:
    """What was signed, and the signature, which may stand anywhere in the query."""
    pairs = query.split("&") if query else []
    signatures = [pair for pair in pairs if pair.startswith("signature=")]
    payload = "&".join(pair for pair in pairs if not pair.startswith("signature="))
    return payload, unquote(signatures[0].partition("=")[2]) if len(signatures) == 1 else ""


def _check_time(timestamp: str, window: str, now: Millis, clock: SimClock) -> None:
    at = int(timestamp) // 1_000 if len(timestamp) >= _SHORTEST_MICROSECONDS else int(timestamp)
    if window and not _WINDOW.fullmatch(window):
        raise errors.illegal("recvWindow", "^[0-9]{1,5}(\\.[0-9]{1,3})?$")
    allowed = int(float(window)) if window else WINDOW_BY_DEFAULT
    if allowed > LONGEST_WINDOW:
        raise errors.long_window()
    if at >= now + clock.at_least(AHEAD, AHEAD / SECOND):
        raise errors.early()
    if now - at > clock.at_least(allowed, allowed / SECOND):
        raise errors.late()


def _decoded(key: SimKey, signature: str) -> bytes:
    """The bytes of a signature: hexadecimal for HMAC, base64 for the others; what is neither verifies nothing."""
    try:
        return bytes.fromhex(signature) if key.algorithm == "HMAC" else base64.b64decode(signature, validate=True)
    except (ValueError, binascii.Error):
        return b""
