"""What can be set about an exchange; left alone, it is the real one."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from livermore.core.market.timeframe import Millis
from livermore.errors import ConfigError


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """Where an exchange is and how fast it may be asked; None stands for the exchange's own default.

    `speed` is how much faster than ours its clock runs: 1 for all but a simulator. `requests_per_second` and `burst`
    bound REST requests (by weight where the exchange weighs them), `stale_after_seconds` is the silence after which
    a connection counts as dead; all three are at speed 1. `grace` is in milliseconds of the exchange's time.

    Raises:
        ConfigError: when a URL or a number cannot be used.
    """

    rest_url: str | None = None
    ws_url: str | None = None
    speed: float = 1.0
    grace: Millis | None = None
    stale_after_seconds: float | None = None
    symbols_per_connection: int | None = None
    requests_per_second: float | None = None
    burst: float | None = None

    def __post_init__(self) -> None:
        """Refuse what could not work."""
        _check_url("rest_url", self.rest_url, ("http", "https"))
        _check_url("ws_url", self.ws_url, ("ws", "wss"))
        numbers = ("speed", "stale_after_seconds", "symbols_per_connection", "requests_per_second", "burst")
        for name in numbers:
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ConfigError(f"{name} must be a positive number, not {value!r}")
        if self.grace is not None and self.grace < 0:
            raise ConfigError(f"grace must not be negative, but is {self.grace}")


def _check_url(name: str, url: str | None, schemes: tuple[str, ...]) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        raise ConfigError(f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}, not {url!r}")
