"""The verb `ctl`."""

import sys
from typing import Annotated

import typer

from livermore.app.ctl import CtlSettings, run_command, run_history
from livermore.app.ctl_words import JsonLines, Teller, Words
from livermore.app.redis_settings import HOME
from livermore.cli.running import PlainConsole, run_until_ended
from livermore.cli.wishes import COMMANDS, HISTORY, Wish, command_wished, exchange_wished, payload_of
from livermore.config import read_environment
from livermore.core.instance.commands import ClearCache, CommandType
from livermore.core.market.exchange import ExchangeIdentity
from livermore.errors import InvalidRequest

RESULT_SECONDS = 600.0
LISTED = 20


def ctl(
    exchange: Annotated[str, typer.Argument(help="Whose instance: coinbase, binance or binance_us.")],
    command: Annotated[str, typer.Argument(help=f"One of {', '.join(COMMANDS)}.", metavar="COMMAND")],
    words: Annotated[
        list[str] | None,
        typer.Argument(help="What the command works on: symbols, a mode, a file of symbols.", metavar="[WORD]…"),
    ] = None,
    timeframe: Annotated[
        list[str] | None, typer.Option("--timeframe", help="force-backfill: only these; all unless named.")
    ] = None,
    candles: Annotated[int | None, typer.Option("--candles", help="force-backfill: how many of each series.")] = None,
    tier: Annotated[int | None, typer.Option("--tier", help="add-symbol: 1 for everybody, 2 for one user.")] = None,
    user: Annotated[str | None, typer.Option("--user", help="add-symbol, remove-symbol: whose symbol it is.")] = None,
    instance: Annotated[
        str | None, typer.Option("--instance", help="The id of one instance, where not the one that serves is meant.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="clear-cache: do not ask back.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", help="Seconds to wait for the result.", min=1, max=86_400)
    ] = RESULT_SECONDS,
    count: Annotated[int, typer.Option("--count", help="history: how many.", min=1, max=1_000)] = LISTED,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on each line.")] = False,
) -> int:
    """Tell the instance of an exchange what to do, and show what it answers.

    It exits with 0 when the command was carried out, 1 when it failed or nobody listens. Ctrl-C leaves the command
    running: `livermore ctl EXCHANGE history` tells what became of it.
    """
    chosen = exchange_wished(exchange)
    name = command_wished(command)
    environment = read_environment()
    teller: Teller = JsonLines(PlainConsole()) if as_json else Words(PlainConsole(), PlainConsole(stderr=True))
    if name == HISTORY:
        return run_until_ended(run_history(chosen, count, environment, HOME, teller))
    wish = Wish(tuple(words or ()), tuple(timeframe) if timeframe else None, candles, tier, user)
    payload = payload_of(CommandType(name), wish)
    if isinstance(payload, ClearCache) and not yes:
        _confirm(chosen, payload)
    settings = CtlSettings(chosen, timeout, instance)
    return run_until_ended(run_command(settings, payload, environment, HOME, teller))


def _confirm(exchange: ExchangeIdentity, payload: ClearCache) -> None:
    """Have the exchange's name typed before its candles are dropped.

    Raises:
        InvalidRequest: when something else is typed, or nobody is there to type.
    """
    if not sys.stdin.isatty():
        raise InvalidRequest("clear-cache asks back, and nobody is there to answer: add --yes")
    what = "all symbols" if payload.symbols is None else ", ".join(payload.symbols)
    typer.echo(f"This drops candles and readings of {what} on {exchange.display_name} and fetches them anew.")
    if typer.prompt(f"Type {exchange.name} to go on", default="", show_default=False).strip() != exchange.name:
        raise InvalidRequest("nothing was cleared")
