"""The verb `server`."""

import sys
from typing import Annotated

import typer

from livermore.app.redis_settings import HOME
from livermore.app.server import run_server
from livermore.app.sign_in_link import new_sign_in_link
from livermore.cli.running import run_until_ended
from livermore.config import read_environment
from livermore.logs import set_up_logs


def server(
    link: Annotated[
        bool, typer.Option("--link", help="Print a new link to sign in by at the server that runs here, and end.")
    ] = False,
) -> None:
    """Serve the API, the live stream and the screens, and tell people of alerts.

    It needs the Redis and the PostgreSQL that LIVERMORE_REDIS_HOST and LIVERMORE_DATABASE_HOST name, or those of the
    livermore up that runs here. Run as many as you like: they share the work. It prints where it is and, unless
    LIVERMORE_OIDC_ISSUER names an identity provider, a link to sign in by.
    """
    environment = read_environment()
    if link:
        typer.echo(run_until_ended(new_sign_in_link(environment, HOME)))
        return
    set_up_logs(environment.log_level, for_people=sys.stderr.isatty())
    run_until_ended(run_server(environment, HOME))
