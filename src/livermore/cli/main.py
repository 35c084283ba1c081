"""The command `livermore`: its verbs, and one plain line for every error.

Exit codes: 0 done, 1 the world did not play along, 2 the command, its configuration or its input cannot be used.
"""

import io
import os
import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Annotated, Final

import typer

from livermore import __version__
from livermore.errors import ConfigError, DataError, LivermoreError, RequestError

DONE: Final = 0
FAILED: Final = 1
UNUSABLE: Final = 2
# What a shell reports of a process that a signal has ended is 128 and the signal's number.
INTERRUPTED: Final = 128 + 2
READER_GONE: Final = 128 + 13
LIVE: Final = "Watching the market"
NETWORK: Final = "Instances"
ACCOUNTS: Final = "Accounts"
STORES: Final = "Stores"
FILES: Final = "Files of candles"
PROOF: Final = "Proof"
# Where each verb lives and under which heading it is shown. Only the verb that is asked for is imported: one that reads
# a file does not wait for what another one needs to talk to an exchange.
VERBS: Final = {
    "up": ("livermore.cli.live", LIVE),
    "instance": ("livermore.cli.live", LIVE),
    "server": ("livermore.cli.server", LIVE),
    "sim": ("livermore.cli.live", LIVE),
    "network": ("livermore.cli.network", NETWORK),
    "ctl": ("livermore.cli.ctl", NETWORK),
    "doctor": ("livermore.cli.doctor", NETWORK),
    "fees": ("livermore.cli.fees", ACCOUNTS),
    "db": ("livermore.cli.db", STORES),
    "macdv": ("livermore.cli.macdv", FILES),
    "replay": ("livermore.cli.replay", FILES),
    "audit": ("livermore.cli.audit", PROOF),
}

app = typer.Typer(
    name="livermore",
    help="Livermore watches crypto markets and speaks only when something happened.",
    epilog="Every verb explains itself: [bold]livermore VERB --help[/bold].",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"livermore {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def livermore(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Livermore watches crypto markets and speaks only when something happened."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _add(name: str) -> None:
    """Add a verb, which is a function; the lines of a paragraph of its docstring flow together in its help."""
    room, panel = VERBS[name]
    verb: Callable[..., None] = getattr(import_module(room), name)
    paragraphs = (verb.__doc__ or "").split("\n\n")
    help_text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    app.command(name, help=help_text, rich_help_panel=panel)(verb)


def _asked_for(arguments: Iterable[str]) -> Iterable[str]:
    """The verb that a command line names, or all of them, to be listed, where it names none."""
    named = next((argument for argument in arguments if argument in VERBS), None)
    return VERBS if named is None else (named,)


def _verb_or_nothing() -> str:
    named = next((argument for argument in sys.argv[1:] if argument in VERBS), None)
    return "" if named is None else f"{named} "


def run() -> None:
    """Carry out the command line of this process and exit."""
    sys.exit(outcome())


def outcome() -> int:
    """Carry out the command line; answers with the exit code, having said in one line what went wrong if it did."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # An arrow that a terminal cannot show is no reason to fall.
        sys.stdout.reconfigure(errors="replace")
    try:
        for verb in _asked_for(sys.argv[1:]):
            _add(verb)
        code = app(prog_name="livermore", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read us has enough; what is still buffered must not complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except typer.TyperException as exc:
        words = exc.format_message().rstrip(".").replace("Value error, ", "")
        return _complain(f"{words}; see livermore {_verb_or_nothing()}--help", UNUSABLE)
    except (ConfigError, RequestError, DataError) as exc:
        return _complain(str(exc), UNUSABLE)
    except LivermoreError as exc:
        return _complain(str(exc), FAILED)
    return code if isinstance(code, int) else DONE


def _complain(words: str, code: int) -> int:
    line = " ".join(words.split())
    sys.stderr.write(f"livermore: {line}\n")
    return code
