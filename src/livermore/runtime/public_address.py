"""The address under which the world sees this machine, asked of services that tell whoever asks.

Asking tells such a service that somebody here runs something; who does not want that sets no addresses.
"""

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import aiohttp

ANSWER_SECONDS: Final = 3.0
ANSWER_BYTES: Final = 100
AGAIN_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """The address, or why it is not known."""

    ip: str | None
    problem: str | None = None


async def public_address(urls: Sequence[str]) -> PublicAddress:
    """What the first of these services says that answers with an address within 3 s; they are asked in turn."""
    problems: list[str] = []
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        for url in urls:
            try:
                return PublicAddress(await _asked(http, url))
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as exc:
                reason = str(exc) or "no answer in time"
                problems.append(f"{url}: {reason}")
    return PublicAddress(None, "; ".join(problems))


async def _asked(http: aiohttp.ClientSession, url: str) -> str:
    async with http.get(url, allow_redirects=False) as answer:
        if answer.status != 200:
            raise ValueError(f"answered with {answer.status}")
        body = await answer.content.read(ANSWER_BYTES)
    try:
        return str(ipaddress.ip_address(body.decode("ascii").strip()))
    except ValueError:
        raise ValueError("what it answered is no address") from None


async def run_asking(urls: Sequence[str], told: Callable[[PublicAddress], None]) -> None:
    """Ask until there is an address; `told` hears of each outcome."""
    while urls:
        outcome = await public_address(urls)
        told(outcome)
        if outcome.ip is not None:
            return
        await asyncio.sleep(AGAIN_SECONDS)
