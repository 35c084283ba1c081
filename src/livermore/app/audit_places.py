"""Where the outside looks in: the store that instances share, and the REST that tells the truth about its market."""

import random
from pathlib import Path
from typing import Any, Final

import msgspec
from redis.asyncio import Redis

from livermore.app.redis_settings import store_of as store_of
from livermore.cache.connect import answered
from livermore.cache.keys import MARKET_KIND
from livermore.config import Environment, urls_of
from livermore.core.market.exchange import COINBASE, ExchangeIdentity
from livermore.errors import ConfigError
from livermore.exchanges.http import HttpHost, open_http
from livermore.exchanges.limiter import Budget, TokenBucket
from livermore.exchanges.settings import ExchangeSettings

ADDRESSES_NAME: Final = "addresses.json"
"""Beside the data of `livermore up --sim`: ``{"coinbase":{"rest":"http://127.0.0.1:41000","ws":"ws://…"}}``."""

# An instance on the same address needs the exchange too. Binance tells what is used of its limit, Coinbase does not.
_GENTLE: Final = {COINBASE.id: 5.0}


class _Simulator(msgspec.Struct):
    """What a simulated exchange says at ``/_sim``: ``{"simulated":true,"exchange":"binance","speed":60}``."""

    simulated: bool
    exchange: str
    speed: float


_ABOUT: Final = msgspec.json.Decoder(_Simulator)
_ADDRESSES: Final = msgspec.json.Decoder(dict[str, dict[str, str]])


async def is_simulated_store(redis: Redis) -> bool | None:
    """Whether the store holds a simulated market; None where it holds none.

    Raises:
        StoreUnavailable: when Redis cannot be used.
    """
    async with answered(redis):
        kind: Any = await redis.get(MARKET_KIND)
    return None if kind is None else bool(kind == b"simulated")


async def exchange_settings(
    exchange: ExchangeIdentity,
    environment: Environment,
    home: Path,
    *,
    is_simulated: bool,
    otherwise: str = "or audit with --from-store",
) -> ExchangeSettings:
    """How to ask the REST that the store's candles came from; a simulated market is never compared with a real one.

    `otherwise` is what else whoever asks may do where no simulator is found.

    Raises:
        ConfigError: when the simulator of a simulated market cannot be found, or what is found is none.
        ExchangeUnavailable: when it does not answer.
    """
    gentle = _GENTLE.get(exchange.id)
    rest = urls_of(environment, exchange).rest
    if not is_simulated:
        return ExchangeSettings(rest, None, requests_per_second=gentle)
    rest = rest or _noted_url(exchange, home / "sim" / ADDRESSES_NAME, otherwise)
    return ExchangeSettings(rest, None, await _speed(exchange, rest), requests_per_second=gentle)


def _noted_url(exchange: ExchangeIdentity, addresses: Path, otherwise: str) -> str:
    try:
        return _ADDRESSES.decode(addresses.read_bytes())[exchange.name]["rest"]
    except (OSError, msgspec.DecodeError, KeyError) as exc:
        raise ConfigError(
            f"no simulated {exchange.display_name} is at hand: {addresses} does not say where its REST is; "
            f"start `livermore up` in this directory, set LIVERMORE_{exchange.name.upper()}_REST_URL, {otherwise}"
        ) from exc


async def _speed(exchange: ExchangeIdentity, rest: str) -> float:
    """How fast the simulated exchange runs, once it is sure that it is one."""
    host = HttpHost(rest, Budget(TokenBucket(10.0, 10.0)), "it is simulated")
    async with open_http(host, headers={}, rng=random.Random()) as http:
        about = await http.get("/_sim", {}, _ABOUT)
    if not about.simulated or about.exchange != exchange.name:
        raise ConfigError(f"{rest} is not the simulated {exchange.display_name}, whose candles the store holds")
    return about.speed
