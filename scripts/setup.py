"""Bring .venv, or .venv-peers, to what the lock files say, from nothing but a Python.

Called by `scripts/setup`. The installer (uv) and the builder (hatchling) live apart in .tools, so that .venv holds what
the locks say and nothing else. Every package is checked against its hash. Where uv cannot reach the registry that pip
is configured for, pip installs the same lock. Calls that meet wait for each other.
"""

import argparse
import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
# The exchanges' own clients need older packages than we do: they have a place of their own.
VENVS = {"run": VENV, "dev": VENV, "peers": ROOT / ".venv-peers"}
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock", "peers": "requirements-peers.lock"}
FLOOR = (3, 11)
NO_VENV = "a virtual environment could not be made; Python's words are above"
NO_PIP = """\
This Python can make no virtual environment: it has neither ensurepip nor pip ({python}).
Install them (Debian and Ubuntu: the package python3-venv) or name another interpreter: make PYTHON=/path/to/python3"""


class SetupFailed(Exception):
    """The set-up cannot go on; the message is for the person who started it."""


def say(message: str) -> None:
    """Show progress."""
    print(f"set-up: {message}", file=sys.stderr, flush=True)


def run(*command: str | Path) -> bool:
    """Run a command in sight of the user; whether it succeeded.

    It inherits the turnstile, so that a set-up which is killed keeps others out until its last command has ended.
    """
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False, close_fds=False).returncode == 0


def answers(*command: str | Path) -> str | None:
    """What a command prints, or None when it cannot be run."""
    try:
        done = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other set-up of this checkout is running; the lock ends with its processes, however they end."""
    with Path(__file__).open() as turnstile:
        os.set_inheritable(turnstile.fileno(), True)
        try:
            fcntl.flock(turnstile, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another one to end")
            fcntl.flock(turnstile, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there with all of its text or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)


def stamp_text(level: str) -> str:
    """What the stamp of a finished set-up says; `scripts/setup` compares it."""
    ours = [] if level == "peers" else [ROOT / "pyproject.toml"]
    parts = [ROOT / LOCKS[level], *ours, Path(__file__)]
    return f"{ROOT}\n" + "".join(part.read_text() for part in parts)


def is_done(level: str) -> bool:
    """Whether the environment of `level` is what its lock says."""
    stamp = VENVS[level] / f"setup-{level}"
    return (VENVS[level] / "bin/python").exists() and stamp.exists() and stamp.read_text() == stamp_text(level)


def ensure_tools() -> None:
    """Have pip, uv and hatchling in .tools.

    Raises:
        SetupFailed: when this Python cannot make an environment, or the registry does not answer.
    """
    lock = ROOT / "requirements-setup.lock"
    stamp = TOOLS / "setup"
    wanted = f"{ROOT}\n{lock.read_text()}"
    python = TOOLS / "bin/python"
    if stamp.exists() and stamp.read_text() == wanted and answers(python, "-c", "") is not None:
        return
    say("installing the installer into .tools")
    if answers(sys.executable, "-c", "import ensurepip") is not None:
        made = run(sys.executable, "-m", "venv", "--clear", TOOLS)
        pip: tuple[str | Path, ...] = (python, "-m", "pip")
    elif answers(sys.executable, "-c", "import pip") is not None:
        made = run(sys.executable, "-m", "venv", "--clear", "--without-pip", TOOLS)
        pip = (sys.executable, "-m", "pip", "--python", python)
    else:
        raise SetupFailed(NO_PIP.format(python=sys.executable))
    if not made:
        raise SetupFailed(NO_VENV)
    if not run(*pip, "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", lock):
        raise SetupFailed("pip could not install requirements-setup.lock; its words are above")
    write_whole(stamp, wanted)


def ensure_venv(venv: Path, *, exactly: bool) -> None:
    """Have an empty or earlier `venv` whose Python works; with `exactly`, of the version that runs this.

    A checkout that has moved starts anew: what was installed names its old place.

    Raises:
        SetupFailed: when it cannot be made.
    """
    version = answers(venv / "bin/python", "-c", "import sys; print(*sys.version_info[:2])")
    found = tuple(int(part) for part in version.split()) if version else (0,)
    has_moved = any(stamp.read_text().partition("\n")[0] != str(ROOT) for stamp in venv.glob("setup-*"))
    if found >= FLOOR and (found == sys.version_info[:2] or not exactly) and not has_moved:
        return
    if venv.is_symlink():
        # What lies behind it is another checkout's, and not to be emptied.
        venv.unlink()
    say(f"making {venv.name} with Python {sys.version.split()[0]}")
    if not run(sys.executable, "-m", "venv", "--clear", "--without-pip", venv):
        raise SetupFailed(NO_VENV)


def install(venv: Path, uv: list[str], pip: list[str], what: str) -> None:
    """Install into `venv` with uv, and where that fails with pip.

    Raises:
        SetupFailed: when neither can.
    """
    python = venv / "bin/python"
    if run(TOOLS / "bin/uv", "pip", *uv, "--python", python):
        return
    say("uv could not; trying pip, which may know another registry")
    if answers(TOOLS / "bin/python", "-c", "import pip") is None:
        raise SetupFailed(f"{what} could not be installed; uv's words are above")
    if not run(TOOLS / "bin/python", "-m", "pip", "--python", python, "install", "--disable-pip-version-check", *pip):
        raise SetupFailed(f"{what} could not be installed; the words of uv and pip are above")


def install_project() -> None:
    """Install Livermore itself as a link to src/, built here from what .tools holds: nothing is downloaded."""
    code = "import sys, hatchling.build; hatchling.build.build_editable(sys.argv[1])"
    with tempfile.TemporaryDirectory() as folder:
        if not run(TOOLS / "bin/python", "-c", code, folder):
            raise SetupFailed("Livermore could not be built; hatchling's words are above")
        (wheel,) = (str(path) for path in Path(folder).glob("*.whl"))
        quiet = ["--quiet", "--no-deps", "--no-index", wheel]
        install(VENV, ["install", "--reinstall", "--offline", *quiet], ["--force-reinstall", *quiet], "Livermore")


def set_up(level: str, *, exactly: bool) -> None:
    """Do what is missing, and stamp it last."""
    os.environ.setdefault("UV_SYSTEM_CERTS", "true")  # as pip does: a company's own certificates count
    if level == "tools":
        ensure_tools()
        return
    if level == "run" and (VENV / "setup-dev").exists():
        level = "dev"  # one .venv for both: what tests need is never taken away by running
    venv = VENVS[level]
    ensure_venv(venv, exactly=exactly)
    if is_done(level):
        return
    began = time.monotonic()
    for stamp in venv.glob("setup-*"):
        stamp.unlink()
    ensure_tools()
    lock = LOCKS[level]
    say(f"installing {lock} into {venv.name}")
    install(venv, ["sync", "--require-hashes", lock], ["--require-hashes", "-r", lock], lock)
    if venv == VENV:
        install_project()
    write_whole(venv / f"setup-{level}", stamp_text(level))
    say(f"done in {time.monotonic() - began:.0f} s")


def main() -> int:
    """Set up as the command line says; 1 when that cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("level", choices=["run", "dev", "peers", "tools"])
    parser.add_argument("--exactly", action="store_true", help="rebuild .venv unless it has this Python's version")
    arguments = parser.parse_args()
    try:
        with alone():
            set_up(arguments.level, exactly=arguments.exactly)
    except SetupFailed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("interrupted; the next call starts again where it is needed")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
