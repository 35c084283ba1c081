"""What becomes of a REST answer on its way out."""

import dataclasses
import math

from livermore.core.market.timeframe import MINUTE, Millis
from livermore.sim.faults.board import Posted
from livermore.sim.faults.exchange import ExchangeFaults
from livermore.sim.faults.fault import RestError, SlowBody, TruncatedBody
from livermore.sim.faults.malformed import HTML_PAGE
from livermore.sim.faults.plan import FOREVER, millis
from livermore.sim.tap import Answer, json_answer

_COINBASE = "coinbase"
_TEXT = "text/plain; charset=utf-8"
_HTML = "text/html; charset=utf-8"


def answered(faults: ExchangeFaults, product: str | None, answer: Answer) -> Answer:
    """What is answered in place of an answer about a product, or about none."""
    if not faults.board.posted:
        return answer
    for one, error in faults.acting(RestError, product):
        if one.strikes():
            answer = _refusal(faults, one, error, answer)
    for one, truncated in faults.acting(TruncatedBody, product):
        if one.strikes():
            kept = int(len(answer.body) * truncated.part)
            if truncated.shortened:
                answer = dataclasses.replace(answer, body=answer.body[:kept])
            else:
                answer = dataclasses.replace(answer, sent=kept)
    for one, slow in faults.acting(SlowBody, product):
        if one.strikes():
            answer = dataclasses.replace(answer, pause=max(answer.pause, millis(slow.delay)))
    return answer


def _refusal(faults: ExchangeFaults, one: Posted, error: RestError, answer: Answer) -> Answer:
    headers = dict(answer.headers)
    if error.status in (418, 429) and faults.exchange != _COINBASE:
        left = one.window.ends_at - faults.clock.now() if one.window.ends_at < FOREVER else MINUTE
        headers["Retry-After"] = str(max(1, math.ceil(faults.clock.real_seconds(left))))
    if error.html:
        return Answer(error.status, HTML_PAGE.encode(), _HTML, headers)
    until = faults.now() + MINUTE
    refused = _coinbase(error.status) if faults.exchange == _COINBASE else _binance(error.status, until)
    return dataclasses.replace(refused, headers=headers)


def _coinbase(status: int) -> Answer:
    match status:
        case 401:
            return Answer(401, b"Unauthorized\n", _TEXT)
        case 429:
            return json_answer({"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}, 429)
        case 403 | 451:
            return json_answer({"error": "PERMISSION_DENIED", "error_details": "", "message": "not available"}, status)
        case _:
            return json_answer({"error": "INTERNAL", "error_details": "", "message": "internal server error"}, status)


def _binance(status: int, until: Millis) -> Answer:
    match status:
        case 401:
            body = {"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}
        case 418:
            body = {"code": -1003, "msg": f"Way too much request weight used; IP banned until {until}."}
        case 429:
            body = {
                "code": -1003,
                "msg": "Too much request weight used; current limit is 6000 request weight per 1 MINUTE.",
            }
        case 403 | 451:
            body = {
                "code": 0,
                "msg": "Service unavailable from a restricted location according to 'b. Eligibility' in the terms.",
            }
        case 504:
            body = {"code": -1007, "msg": "Timeout waiting for response from backend server."}
        case _:
            body = {"code": -1001, "msg": "Internal error; unable to process your request. Please try again."}
    return json_answer(body, status)
