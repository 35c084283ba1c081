"""What a simulator is told."""

from dataclasses import dataclass
from pathlib import Path

from livermore.core.market.timeframe import Millis
from livermore.errors import ConfigError

MOST_SYMBOLS = 2_000
FASTEST = 10_000.0


@dataclass(frozen=True, slots=True)
class SimSettings:
    """The settings of `livermore sim`; port 0 picks a free one.

    `speed` is simulated seconds per real second, `symbols` the number of tradable products of each exchange. `replay`
    names recorded candles that are played instead of the seeded market. `start` is the simulated instant to begin at:
    now, where it is None. `state` is the file in which simulated time survives a restart. `script` names a file of
    faults, and `chaos` is the seed of a random day of them. With `certificate` everything is served under TLS, and the
    certificate to trust is written to that file.
    """

    coinbase_port: int = 8801
    binance_port: int = 8802
    binance_us_port: int = 8803
    speed: float = 60.0
    seed: int = 7
    symbols: int = 30
    replay: tuple[Path, ...] = ()
    start: Millis | None = None
    state: Path | None = None
    script: Path | None = None
    chaos: int | None = None
    host: str = "127.0.0.1"
    certificate: Path | None = None


def check_settings(settings: SimSettings) -> None:
    """Refuse settings that cannot work.

    Raises:
        ConfigError: naming everything that is wrong with them.
    """
    ports = (settings.coinbase_port, settings.binance_port, settings.binance_us_port)
    wrong = []
    if any(not 0 <= port <= 65_535 for port in ports):
        wrong.append("a port is a number from 0 to 65535")
    chosen = [port for port in ports if port]
    if len(set(chosen)) < len(chosen):
        wrong.append("every exchange needs a port of its own")
    if not 0 < settings.speed <= FASTEST:
        wrong.append(f"speed is more than 0 and at most {FASTEST:.0f}")
    if not 1 <= settings.symbols <= MOST_SYMBOLS:
        wrong.append(f"symbols is a number from 1 to {MOST_SYMBOLS}")
    if wrong:
        raise ConfigError("the simulator cannot start: " + "; ".join(wrong))
