"""The verb `network`."""

from typing import Annotated

import typer

from livermore.app.network import NetworkSettings, run_network
from livermore.app.redis_settings import HOME
from livermore.cli.running import PlainConsole, run_until_ended
from livermore.config import read_environment
from livermore.core.market.exchange import exchange_named


def network(
    exchanges: Annotated[
        list[str] | None, typer.Argument(help="Only these: coinbase, binance, binance_us; all where none is named.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Show it again and again until interrupted.")] = False,
    activity: Annotated[
        bool,
        typer.Option("--activity", "-a", help="Follow what happens: the newest 20 entries, then each as it comes."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document, or with --watch or --activity one on each line.")
    ] = False,
) -> None:
    """Show which instance serves which exchange, how it is, and what happened.

    An exchange whose instance has vanished without a farewell is DEAD; one whose instance has stopped is offline.
    """
    chosen = tuple(exchange_named(name) for name in dict.fromkeys(exchanges or ()))
    settings = NetworkSettings(chosen, watch, activity, as_json)
    run_until_ended(run_network(settings, read_environment(), HOME, PlainConsole()))
