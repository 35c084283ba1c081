"""The verb `server`."""

import sys

from livermore.app.redis_settings import HOME
from livermore.app.server import run_server
from livermore.cli.running import run_until_ended
from livermore.config import read_environment
from livermore.logs import set_up_logs


def server() -> None:
    """Serve the API, the live stream and the screens, and tell people of alerts.

    It needs the Redis and the PostgreSQL that LIVERMORE_REDIS_HOST and LIVERMORE_DATABASE_HOST name, or those of the
    livermore up that runs here. Run as many as you like: they share the work. It prints where it is and, unless
    LIVERMORE_OIDC_ISSUER names an identity provider, a link to sign in by.
    """
    environment = read_environment()
    set_up_logs(environment.log_level, for_people=sys.stderr.isatty())
    run_until_ended(run_server(environment, HOME))
