"""The configuration of a process: read once from the environment, complete or refused, with every problem named."""

import base64
import difflib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AnyUrl, BeforeValidator, Field, SecretStr, UrlConstraints, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from livermore.core.market.exchange import ExchangeIdentity
from livermore.errors import ConfigError

RestUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["http", "https"])]
SocketUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["ws", "wss"])]
HIGHEST_PORT: Final = 65_535


def _addresses(text: object) -> object:
    """Hosts and ports, as in ``"a:26379,b:26379"``."""
    return tuple(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


def _host_and_port(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or not 0 < int(port) <= HIGHEST_PORT:
        raise ValueError(f"{text!r} is no host:port")
    return host.strip("[]"), int(port)


HostAndPort = Annotated[tuple[str, int], BeforeValidator(_host_and_port)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_addresses)]
Addresses = Annotated[tuple[HostAndPort, ...], NoDecode, BeforeValidator(_addresses)]


FIRST_ADMIN: Final = "admin@localhost"
"""Who the admin is, where none is named and people sign in by a link that is printed here."""

OFF: Final = "off"
ADDRESS_SERVICES: Final = ("https://api.ipify.org", "https://checkip.amazonaws.com", "https://icanhazip.com")


def _https_urls(text: object) -> object:
    """Addresses, as in ``"https://a.example,https://b.example"``, or none for "off"."""
    if not isinstance(text, str):
        return text
    urls = () if text.strip().lower() == OFF else tuple(part.strip() for part in text.split(",") if part.strip())
    wrong = [url for url in urls if not url.startswith("https://")]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no https address; say off to ask nobody")
    return urls


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"{text!r} is no name or address of a host")
    return text


def _email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"{text!r} is no e-mail address")
    return text


def _file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


def clerk_origin(key: str) -> str:
    """The address of the frontend API that is written in a publishable key of Clerk.

    The key is ``pk_test_`` or ``pk_live_`` and, in base64, that API's host and a dollar sign.

    >>> clerk_origin("pk_test_Y2xlcmsuZXhhbXBsZS5vcmck")
    'https://clerk.example.org'

    Raises:
        ValueError: when it is no such key; what it holds is not repeated, for it may be a secret in the wrong place.
    """
    if key.startswith("sk_"):
        raise ValueError("this is a secret key of Clerk; the publishable one begins with pk_")
    found = _CLERK_KEY.fullmatch(key)
    try:
        text = "" if found is None else base64.b64decode(found[1] + "=" * (-len(found[1]) % 4)).decode("ascii")
    except ValueError:
        text = ""
    if not _CLERK_HOST.fullmatch(text):
        raise ValueError("this is no publishable key of Clerk, which is pk_test_ or pk_live_ and a host in base64")
    return f"https://{text.removesuffix('$').lower()}"


def _clerk_key(key: str) -> str:
    clerk_origin(key)
    return key


def _webhook_secret(secret: SecretStr) -> SecretStr:
    """What svix signs by: ``whsec_`` and at least 24 bytes in base64, as the Standard Webhooks specification asks."""
    text = secret.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix(_WEBHOOK_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not text.startswith(_WEBHOOK_PREFIX) or len(key) < _WEBHOOK_BYTES:
        raise ValueError(
            f"this is no signing secret, which is {_WEBHOOK_PREFIX} and at least {_WEBHOOK_BYTES} bytes in base64; "
            "copy it from the webhook's endpoint in Clerk's dashboard"
        )
    return secret


_WEBHOOK_PREFIX: Final = "whsec_"
_WEBHOOK_BYTES: Final = 24
_CLERK_KEY: Final = re.compile(r"pk_(?:test|live)_([A-Za-z0-9+/]+)={0,2}")
_CLERK_HOST: Final = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d{1,5})?\$")
_HOST: Final = re.compile(r"[\w.:%-]+")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
Host = Annotated[str, AfterValidator(_host)]
Email = Annotated[str, AfterValidator(_email)]
File = Annotated[Path, AfterValidator(_file)]
ClerkKey = Annotated[str, AfterValidator(_clerk_key)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]
HttpsUrls = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_https_urls)]


PREFIX: Final = "LIVERMORE_"
CHANNEL_WORD: Final = "CHANNEL"
CHANNEL_PREFIX: Final = f"{PREFIX}{CHANNEL_WORD}_"
"""What the names of variables begin with that hold addresses of channels."""

CLOSE_ENOUGH: Final = 0.85
_CREDENTIALS: Final = re.compile("_(KEY|SECRET|TOKEN|PASSWORD)")
_WORDS: Final = {
    "bool_parsing": "say true or false",
    "int_parsing": "this is no whole number",
    "float_parsing": "this is no number",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
}


class Environment(BaseSettings):
    """All variables that Livermore reads; each is ``LIVERMORE_`` and the name of the field. An empty one is not set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", env_ignore_empty=True)

    redis_host: Host | None = None
    redis_port: Annotated[int, Field(ge=1, le=65535)] = 6379
    redis_secret: SecretStr | None = None
    redis_tls: bool = False
    redis_ca_file: File | None = None
    redis_mode: Literal["single", "sentinel", "cluster"] = "single"
    redis_nodes: Addresses = ()
    redis_sentinels: Addresses = ()
    redis_sentinel_master: str | None = None
    redis_sentinel_secret: SecretStr | None = None

    database_host: str | None = None
    database_port: Annotated[int, Field(ge=1, le=65535)] = 5432
    database_name: str = "livermore"
    database_user: str = "livermore"
    database_password: SecretStr | None = None
    database_tls: bool = False

    http_host: Host = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8800
    http_public_url: RestUrl | None = None
    oidc_issuer: RestUrl | None = None
    oidc_audience: str | None = None
    oidc_azp: Names = ()
    clerk_publishable_key: ClerkKey | None = None
    clerk_webhook_secret: WebhookSecret | None = None

    coinbase_rest_url: RestUrl | None = None
    coinbase_ws_url: SocketUrl | None = None
    binance_rest_url: RestUrl | None = None
    binance_ws_url: SocketUrl | None = None
    binance_us_rest_url: RestUrl | None = None
    binance_us_ws_url: SocketUrl | None = None

    simulated_speed: Annotated[float, Field(gt=0, le=10_000)] | None = None
    symbols: Annotated[int, Field(ge=1, le=5_000)] = 30
    alerts_on: Literal["closed", "confirmed"] = "closed"
    admin_email: Email | None = None
    admin_display_name: str | None = None
    allow_private_targets: bool = False
    metrics_host: Host = "127.0.0.1"
    metrics_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    public_ip_urls: HttpsUrls = ADDRESS_SERVICES
    log_level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class ExchangeUrls:
    """Where an exchange is to be reached instead of its real addresses; None for the real one."""

    rest: str | None
    ws: str | None


def read_environment() -> Environment:
    """The configuration of this process; who has misspelt a variable is warned on standard error.

    Raises:
        ConfigError: naming every variable that is wrong, and what is wrong with it.
    """
    for name, meant in misspelt(os.environ):
        sys.stderr.write(f"livermore: warning: unknown variable {name}; did you mean {meant}?\n")
    try:
        return Environment()
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False)
        said = [f"{PREFIX}{str(problem['loc'][0]).upper()}: {_in_words(problem)}" for problem in problems]
        raise ConfigError("; ".join(dict.fromkeys([*said, *_absent(os.environ, said)]))) from error


def misspelt(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Variables that are none of ours and look as if they were to be one, each with the one that is meant.

    Credentials may stand in variables of any name, so those that look like some are nobody's mistake.
    """
    known = [f"{PREFIX}{field.upper()}" for field in Environment.model_fields]
    for name in sorted(names):
        if name in known or not name.startswith(PREFIX) or name.startswith(CHANNEL_PREFIX):
            continue
        word, _, rest = name.removeprefix(PREFIX).partition("_")
        if rest and _is_nearly(word, CHANNEL_WORD):
            yield name, f"{CHANNEL_PREFIX}{rest}"
            continue
        if _CREDENTIALS.search(name):
            continue
        meant = difflib.get_close_matches(name, known, n=1, cutoff=CLOSE_ENOUGH)
        if meant:
            yield name, meant[0]


def _is_nearly(word: str, meant: str) -> bool:
    return difflib.SequenceMatcher(None, word, meant).ratio() >= CLOSE_ENOUGH


def _in_words(problem: Mapping[str, Any]) -> str:
    """What is wrong with a value, in words of ours where those of the library are for programmers."""
    kind, limits = str(problem["type"]), problem.get("ctx", {})
    if kind in _WORDS:
        return _WORDS[kind].format(**limits)
    return str(problem["msg"]).removeprefix("Value error, ").removeprefix("Input ")


def _absent(variables: Mapping[str, str], said: Iterable[str]) -> Iterator[str]:
    """What would be asked for next, once all that is wrong has been mended."""
    if variables.get(f"{PREFIX}REDIS_MODE") != "sentinel":
        return
    for name in (f"{PREFIX}REDIS_SENTINELS", f"{PREFIX}REDIS_SENTINEL_MASTER"):
        if not variables.get(name) and not any(one.startswith(f"{name}:") for one in said):
            yield f"{name} is not set"


def urls_of(environment: Environment, exchange: ExchangeIdentity) -> ExchangeUrls:
    """Where `exchange` is to be reached."""
    rest: AnyUrl | None = getattr(environment, f"{exchange.name}_rest_url")
    ws: AnyUrl | None = getattr(environment, f"{exchange.name}_ws_url")
    return ExchangeUrls(
        None if rest is None else str(rest).rstrip("/"),
        None if ws is None else str(ws).rstrip("/"),
    )
