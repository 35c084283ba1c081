"""The verbs that run until ended: up, instance and sim."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from livermore.app.instance import run_instance
from livermore.app.simulator import run_simulator, tell_keys
from livermore.app.up import UpSettings, run_up
from livermore.cli.running import PlainConsole, run_until_ended
from livermore.cli.wishes import exchange_wished
from livermore.config import read_environment
from livermore.core.market.exchange import WATCHED, ExchangeIdentity
from livermore.errors import InvalidRequest
from livermore.logs import set_up_logs
from livermore.sim.settings import FASTEST, MOST_SYMBOLS, SimSettings

DEFAULTS = SimSettings()

SPEED_HELP = f"How much faster than ours simulated time passes, at most {FASTEST:,.0f} times."
SYMBOLS_HELP = "How many symbols of each exchange."
Speed = Annotated[float, typer.Option("--speed", help=SPEED_HELP, metavar="TIMES")]
Symbols = Annotated[int, typer.Option("--symbols", help=SYMBOLS_HELP, min=1, max=MOST_SYMBOLS)]


def up(
    simulated: Annotated[
        bool, typer.Option("--sim", help="Watch the built-in simulated exchanges; what is done when nothing is said.")
    ] = False,
    live: Annotated[
        str | None, typer.Option("--live", help="Watch real public feeds instead.", metavar="coinbase,binance,…")
    ] = None,
    speed: Annotated[
        float | None, typer.Option("--speed", help=f"{SPEED_HELP} 60 unless named.", metavar="TIMES")
    ] = None,
    symbols: Annotated[
        int | None,
        typer.Option("--symbols", help=f"{SYMBOLS_HELP} 30 unless named.", min=1, max=MOST_SYMBOLS),
    ] = None,
) -> None:
    """Run everything on this machine: a store, the exchanges, an instance for each, and a live view.

    The store is an embedded Valkey under ./.livermore unless LIVERMORE_REDIS_HOST names another. A second run goes on
    where the first one ended. Ctrl-C ends everything.
    """
    if simulated and live is not None:
        raise InvalidRequest("--sim and --live exclude each other")
    if speed is not None:
        _check_speed(speed, live)
    environment = read_environment()
    settings = UpSettings(_exchanges(live), live is None, speed or DEFAULTS.speed, symbols)
    set_up_logs("error", for_people=True)
    run_until_ended(run_up(settings, environment, PlainConsole()))


def _exchanges(live: str | None) -> tuple[ExchangeIdentity, ...]:
    """Those that --live names, or all that are simulated."""
    if live is None:
        return WATCHED
    names = [name.strip() for name in live.split(",") if name.strip()]
    if not names:
        known = ", ".join(exchange.name for exchange in WATCHED)
        raise InvalidRequest(f"--live names no exchange; known are {known}")
    return tuple(exchange_wished(name) for name in dict.fromkeys(names))


def _check_speed(speed: float, live: str | None = None) -> None:
    if live is not None:
        raise InvalidRequest("--speed is for simulated exchanges; --live runs as fast as the world")
    if not 0 < speed <= FASTEST:
        raise InvalidRequest(f"--speed is more than 0 and at most {FASTEST:,.0f}, not {speed:g}")


def instance(
    exchange: Annotated[str, typer.Argument(help="The exchange to serve: coinbase, binance or binance_us.")],
    autostart: Annotated[
        bool, typer.Option("--autostart", help="Start serving at once, and again after a failure.")
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record",
            help="Record the session for livermore replay, in this file and FILE.1, FILE.2, …",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Run one instance for one exchange against the Redis or Valkey that LIVERMORE_REDIS_HOST names.

    It is idle until it is told to start (livermore ctl EXCHANGE start), and says so in livermore network. Its log goes
    to standard error. Only one instance serves an exchange; a second one is told who does and stays idle.
    """
    identity = exchange_wished(exchange)
    environment = read_environment()
    set_up_logs(environment.log_level, for_people=sys.stderr.isatty())
    run_until_ended(run_instance(identity, environment, record, is_autostarted=autostart))


def sim(
    coinbase_port: Annotated[int, typer.Option(help="Port of the simulated Coinbase; 0 picks a free one.")] = 8801,
    binance_port: Annotated[int, typer.Option(help="Port of the simulated Binance; 0 picks a free one.")] = 8802,
    binance_us_port: Annotated[int, typer.Option(help="Port of the simulated Binance US; 0 picks a free one.")] = 8803,
    speed: Speed = DEFAULTS.speed,
    seed: Annotated[int, typer.Option(help="The market; the same seed makes the same one.")] = DEFAULTS.seed,
    symbols: Symbols = DEFAULTS.symbols,
    replay: Annotated[
        list[Path] | None,
        typer.Option("--replay", help="Play recorded 5m candles (CSV, may be gzipped) instead of a seeded market."),
    ] = None,
    state: Annotated[
        Path | None, typer.Option(help="Remember simulated time in this file, so that the next run goes on from it.")
    ] = None,
    script: Annotated[
        Path | None, typer.Option("--script", help="Break things as this TOML file says; see docs/operations.md.")
    ] = None,
    chaos: Annotated[int | None, typer.Option("--chaos", help="Break things at random, from this seed.")] = None,
    tls: Annotated[
        Path | None,
        typer.Option("--tls", help="Serve https and wss; the certificate to trust goes to this file.", metavar="FILE"),
    ] = None,
    keys: Annotated[
        bool, typer.Option("--keys", help="Print the keys that are known there, as JSON, and end.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Announce the addresses as one line of JSON.")] = False,
) -> None:
    """Simulate Coinbase, Binance and Binance US with their real protocols, REST and WebSocket on one port each.

    Accounts are simulated too: [cyan]--keys[/cyan] names the keys that may look into them, which are worth nothing
    anywhere else.
    """
    if keys:
        tell_keys()
        return
    _check_speed(speed)
    settings = SimSettings(
        coinbase_port=coinbase_port,
        binance_port=binance_port,
        binance_us_port=binance_us_port,
        speed=speed,
        seed=seed,
        symbols=symbols,
        replay=tuple(replay or ()),
        state=state,
        script=script,
        chaos=chaos,
        certificate=tls,
    )
    set_up_logs(read_environment().log_level, for_people=sys.stderr.isatty())
    run_until_ended(run_simulator(settings, as_json=as_json))
