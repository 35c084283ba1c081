"""Whatever a host answers becomes a value or one of our errors, and nobody is asked more than allowed."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from aiohttp import web

from exchanges.rest_server import Asked, a_host, hang_up, in_turn, stop_half_way
from livermore.errors import ExchangeError, ExchangeRefused, ExchangeUnavailable, MalformedMessage, RateLimited
from livermore.exchanges.http import ATTEMPTS, Http, HttpHost, open_http
from livermore.exchanges.limiter import Budget, TokenBucket


class Now(msgspec.Struct):
    now: int


NOW = msgspec.json.Decoder(Now)
HTML = "<html><h1>502 Bad Gateway</h1></html>"
SPEED = 200.0


def ok(request: web.Request) -> web.Response:
    return web.json_response({"now": 7, "more": True})


def says(status: int, body: object, **headers: str) -> Callable[[web.Request], web.Response]:
    def answer(request: web.Request) -> web.Response:
        return web.json_response(body, status=status, headers=headers)

    return answer


def html(request: web.Request) -> web.Response:
    return web.Response(text=HTML, status=502, content_type="text/html")


def kind_html(request: web.Request) -> web.Response:
    return web.Response(text=HTML, content_type="text/html")


def unauthorised(request: web.Request) -> web.Response:
    """Plain text, as Coinbase sends it."""
    return web.Response(text="Unauthorized\n", status=401)


def cut_short(request: web.Request) -> web.Response:
    return web.Response(text='{"now":', content_type="application/json")


@asynccontextmanager
async def an_http(asked: Asked, budget: Budget | None = None) -> AsyncIterator[Http]:
    budget = budget or Budget(TokenBucket(10_000.0, 100.0, window_limit=1_000.0), speed=SPEED)
    host = HttpHost(
        asked.url,
        budget,
        "use another host",
        used_weight_header="X-MBX-USED-WEIGHT-1M",
        transient_codes=frozenset({"-1008"}),
        speed=SPEED,
    )
    async with open_http(host, headers={"Cache-Control": "no-cache"}, rng=random.Random(1)) as http:
        yield http


async def test_an_answer_is_read_and_unknown_fields_are_tolerated() -> None:
    async with a_host(ok) as asked, an_http(asked) as http:
        assert (await http.get("/time", {"a": "b c"}, NOW)).now == 7

    assert asked.queries("/time") == [{"a": "b c"}]
    assert asked.requests[0].headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "trouble",
    [
        html,
        kind_html,
        hang_up,
        stop_half_way,
        cut_short,
        says(500, {"error": "INTERNAL"}),
        says(503, {"code": -1008, "msg": "Server is currently overloaded"}),
        says(400, {"code": -1008, "msg": "Server is currently overloaded"}),
        says(429, {"errors": [{"id": "rate_limit_exceeded", "message": "Too many requests"}]}),
        says(418, {"code": -1003, "msg": "banned"}),
    ],
    ids=["html", "html 200", "reset", "truncated", "broken json", "500", "503", "busy", "429", "418"],
)
async def test_what_may_pass_is_tried_again(trouble: Callable[[web.Request], web.Response]) -> None:
    async with a_host(in_turn(trouble, trouble, ok)) as asked, an_http(asked) as http:
        assert (await http.get("/time", {}, NOW)).now == 7

    assert len(asked.requests) == 3


@pytest.mark.parametrize(
    ("trouble", "error", "words"),
    [
        (html, ExchangeUnavailable, "502"),
        (hang_up, ExchangeUnavailable, "failed"),
        (stop_half_way, ExchangeUnavailable, "failed"),
        (cut_short, ExchangeUnavailable, "broken JSON"),
        (says(429, {}), RateLimited, "429"),
    ],
    ids=["html", "reset", "truncated", "broken json", "429"],
)
async def test_trouble_that_stays_is_raised_after_the_last_attempt(
    trouble: Callable[[web.Request], web.Response], error: type[ExchangeError], words: str
) -> None:
    async with a_host(trouble) as asked, an_http(asked) as http:
        with pytest.raises(error, match=words):
            await http.get("/time", {}, NOW)

    # The library itself repeats a request whose connection was reset before the answer began.
    assert len(asked.requests) in (ATTEMPTS, 2 * ATTEMPTS if trouble is hang_up else ATTEMPTS)


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (says(400, {"code": -1121, "msg": "Invalid symbol."}), "-1121: Invalid symbol."),
        (says(404, {"error": "NOT_FOUND", "message": "Product NOPE-USD not supported"}), "NOT_FOUND: Product NOPE-USD"),
        (says(451, {"code": 0, "msg": "Service unavailable from a restricted location"}), "use another host"),
        (says(403, {}), "use another host"),
        (unauthorised, "401: Unauthorized"),
    ],
    ids=["400", "404", "451", "403", "401"],
)
async def test_a_refusal_is_raised_at_once_with_the_words_of_the_exchange(
    refusal: Callable[[web.Request], web.Response], words: str
) -> None:
    async with a_host(refusal) as asked, an_http(asked) as http:
        with pytest.raises(ExchangeRefused, match=words):
            await http.get("/time", {}, NOW)

    assert len(asked.requests) == 1


async def test_one_401_after_successes_is_taken_for_throttling() -> None:
    async with a_host(in_turn(ok, unauthorised, ok, unauthorised, unauthorised)) as asked, an_http(asked) as http:
        await http.get("/time", {}, NOW)
        assert (await http.get("/time", {}, NOW)).now == 7
        with pytest.raises(ExchangeRefused):
            await http.get("/time", {}, NOW)

    assert len(asked.requests) == 5


async def test_json_of_another_shape_is_not_asked_for_again() -> None:
    async with a_host(says(200, {"now": "later"})) as asked, an_http(asked) as http:
        with pytest.raises(MalformedMessage) as told:
            await http.get("/time", {}, NOW)

    assert len(asked.requests) == 1
    assert told.value.context["sample"] == '{"now": "later"}'


async def test_nothing_is_sent_to_the_host_before_retry_after_is_over() -> None:
    """What the header says is meant for our clock, however fast the exchange's runs."""
    limited = says(429, {}, **{"Retry-After": "1"})
    async with a_host(in_turn(ok, limited, ok)) as asked, an_http(asked) as http:
        await http.get("/time", {}, NOW)
        await http.get("/time", {}, NOW)

        assert http.budget.times_limited == 1
    assert asked.times[2] - asked.times[1] >= 1.0 - 0.01


async def test_a_long_ban_is_told_at_once() -> None:
    async with a_host(says(418, {}, **{"Retry-After": "3600"})) as asked, an_http(asked) as http:
        with pytest.raises(RateLimited) as told:
            await http.get("/time", {}, NOW)

    assert told.value.retry_after_seconds > 3_500
    assert len(asked.requests) == 1


async def test_the_reported_weight_slows_us_down() -> None:
    budget = Budget(TokenBucket(1_000.0, 100.0, window_limit=1_000.0), speed=SPEED)
    used = says(200, {"now": 1}, **{"X-MBX-USED-WEIGHT-1M": "999"})
    async with a_host(used) as asked, an_http(asked, budget) as http:
        await http.get("/time", {}, NOW)
        await http.get("/time", {}, NOW)

    assert asked.times[1] - asked.times[0] >= 10.0 / SPEED - 0.01


async def test_a_host_that_is_not_there_is_unavailable() -> None:
    async with a_host(ok) as asked:
        pass
    async with an_http(asked) as http:
        with pytest.raises(ExchangeUnavailable):
            await http.get("/time", {}, NOW)
