"""Questions over HTTP, answered in JSON or with an error of our own tree.

Transient failures are retried here, with full jitter and up to a named limit; what is left is for the caller.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import aiohttp
import msgspec
from yarl import URL

from livermore.errors import ExchangeError, ExchangeRefused, ExchangeUnavailable, MalformedMessage, RateLimited
from livermore.exchanges.limiter import Budget, Sent
from livermore.exchanges.retry import backoff, is_transient

ATTEMPTS = 5
TOTAL_SECONDS = 20.0
CONNECT_SECONDS = 5.0
CONNECTIONS = 16
LARGEST_BODY_BYTES = 64 * 1024 * 1024
UNSTATED_PAUSE_SECONDS = 5.0
SAMPLE_CHARACTERS = 200

Reply = TypeVar("Reply")


class _Complaint(msgspec.Struct):
    """The body of an error, of any exchange.

    Coinbase: ``{"error":"NOT_FOUND","error_details":"…","message":"Product NOPE-USD not supported"}``,
    Binance: ``{"code":-1121,"msg":"Invalid symbol."}``.
    """

    code: int | str | None = None
    error: str | None = None
    msg: str | None = None
    message: str | None = None
    errors: list[dict[str, str]] = []


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it is sent: its query, percent-encoded already, and the headers that prove who asks."""

    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


Sign: TypeAlias = Callable[[str, Mapping[str, str]], Signed]
"""From a path and a query to what is sent; asked again for every attempt, as signatures expire."""


@dataclass(frozen=True, slots=True)
class HttpHost:
    """How one host is asked: its budget, the header that reports what is used of it, and codes worth another try.

    `elsewhere` tells people what to do when the host does not serve their region.
    """

    url: str
    budget: Budget
    elsewhere: str
    used_weight_header: str | None = None
    transient_codes: frozenset[str] = frozenset()
    speed: float = 1.0
    sign: Sign | None = field(default=None, repr=False)


class Http:
    """One host with a budget; made by `open_http`."""

    def __init__(self, session: aiohttp.ClientSession, host: HttpHost, rng: random.Random) -> None:
        self._session = session
        self._host = host
        self._rng = rng
        self._has_succeeded = False

    @property
    def budget(self) -> Budget:
        """What may be asked of the host."""
        return self._host.budget

    async def get(
        self, path: str, query: Mapping[str, str], reply: msgspec.json.Decoder[Reply], *, weight: float = 1.0
    ) -> Reply:
        """Ask and read the answer as `reply`, trying again up to `ATTEMPTS` times when that may help.

        Raises:
            ExchangeUnavailable: when the host did not answer properly in any attempt.
            RateLimited: when it still asks to wait, or for longer than a request waits.
            ExchangeRefused: when it said no.
            MalformedMessage: when the answer is JSON of another shape.
        """
        waits = backoff(self._rng)
        pardoned = False
        attempt = 0
        while True:
            attempt += 1
            sent = await self._host.budget.spend(weight)
            try:
                return _decoded(await self._body(path, query, sent), reply, path)
            except ExchangeError as exc:
                # Coinbase has been seen to throttle with a 401: one of them, after successes, is forgiven.
                throttled = exc.context.get("status") == 401 and self._has_succeeded and not pardoned
                pardoned = pardoned or throttled
                if attempt == ATTEMPTS or not (is_transient(exc) or throttled):
                    raise
            await asyncio.sleep(next(waits) / self._host.speed)

    async def _body(self, path: str, query: Mapping[str, str], sent: Sent) -> bytes:
        """One request; every failure of the library becomes one of ours here."""
        try:
            async with self._asked(path, query) as response:
                self._host.budget.answered(sent)
                self._learn(response)
                body = await _read(response)
                if response.status >= 300:
                    raise self._refusal(path, response, body)
                if not _is_json(response):
                    raise ExchangeUnavailable(f"{path} answered with {response.content_type}", sample=_sample(body))
        except TimeoutError as exc:
            raise ExchangeUnavailable(f"{path} did not answer in time") from exc
        except (aiohttp.ClientError, OSError) as exc:
            raise ExchangeUnavailable(f"{path} failed: {exc or type(exc).__name__}") from exc
        self._has_succeeded = True
        return body

    def _asked(self, path: str, query: Mapping[str, str]) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        url = self._host.url + path
        if self._host.sign is None:
            return self._session.get(url, params=query)
        signed = self._host.sign(path, query)
        # What was signed is what is sent, nothing encodes it another time; and it is for this host alone.
        whole = URL(f"{url}?{signed.query}" if signed.query else url, encoded=True)
        return self._session.get(whole, headers=signed.headers, allow_redirects=False)

    def _learn(self, response: aiohttp.ClientResponse) -> None:
        header = self._host.used_weight_header
        used = response.headers.get(header, "") if header else ""
        if used.isdecimal():
            self._host.budget.spent(float(used))

    def _refusal(self, path: str, response: aiohttp.ClientResponse, body: bytes) -> ExchangeError:
        """What an answer that is not a success means."""
        status = response.status
        code, says = _complaint(body)
        said = f"{path} answered {status}" + (f" {code}" if code else "") + (f": {says}" if says else "")
        if status in (418, 429):
            pause = _retry_after(response, self._host.speed)
            self._host.budget.hold(pause)
            return RateLimited(said, retry_after_seconds=pause, status=status)
        if status >= 500 or status == 408 or code in self._host.transient_codes:
            return ExchangeUnavailable(said, status=status, code=code)
        # A signed request may also be forbidden for what its key may not do.
        if status == 451 or (status == 403 and self._host.sign is None):
            said = f"{said} (it does not serve this address or region; {self._host.elsewhere})"
        return ExchangeRefused(said, status=status, code=code)


@asynccontextmanager
async def open_http(host: HttpHost, *, headers: Mapping[str, str], rng: random.Random) -> AsyncIterator[Http]:
    """Keep connections to one host open for as long as the block lasts."""
    timeout = aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS)
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(timeout=timeout, connector=connector, headers=headers, trust_env=True) as session:
        yield Http(session, host, rng)


def _decoded(body: bytes, reply: msgspec.json.Decoder[Reply], path: str) -> Reply:
    try:
        return reply.decode(body)
    except msgspec.ValidationError as exc:
        raise MalformedMessage(f"{path} answered something else: {exc}", sample=_sample(body)) from exc
    except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
        # Broken JSON is a body that was cut short: asking again helps.
        raise ExchangeUnavailable(f"{path} answered broken JSON: {exc}", sample=_sample(body)) from exc


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise ExchangeUnavailable(f"an answer is larger than {LARGEST_BODY_BYTES} bytes")
    return bytes(body)


def _is_json(response: aiohttp.ClientResponse) -> bool:
    return response.content_type.endswith(("/json", "+json"))


def _complaint(body: bytes) -> tuple[str, str]:
    """The code and the words of an error body; words alone where it is not JSON (Coinbase: ``Unauthorized``)."""
    try:
        complaint = msgspec.json.decode(body, type=_Complaint)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        text = _sample(body).strip()
        return "", "" if text.startswith("<") else text
    first = complaint.errors[0] if complaint.errors else {}
    code = complaint.code if complaint.code not in (None, "") else complaint.error or first.get("id", "")
    return str(code), complaint.msg or complaint.message or first.get("message", "")


def _retry_after(response: aiohttp.ClientResponse, speed: float) -> float:
    """Seconds of our time without requests; what the header says is meant for our clock, however fast theirs runs."""
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else UNSTATED_PAUSE_SECONDS / speed


def _sample(body: bytes) -> str:
    return body[:SAMPLE_CHARACTERS].decode("utf-8", "replace")
