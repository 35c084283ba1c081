"""Whether this machine has the room that Livermore needs: memory, disk, open files, and a directory to write to."""

import os
import resource
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from livermore.app.checkup import Finding, Verdict
from livermore.core.market.exchange import ExchangeIdentity
from livermore.exchanges.credentials import DEFAULT_NAMES

MEGABYTE: Final = 1024 * 1024
MEMORY_NEEDED: Final = 200 * MEGABYTE
MEMORY_WANTED: Final = 600 * MEGABYTE
DISK_NEEDED: Final = 500 * MEGABYTE
DISK_WANTED: Final = 2_000 * MEGABYTE
FILES_NEEDED: Final = 256
FILES_WANTED: Final = 1_024


def check_machine(home: Path) -> tuple[Finding, ...]:
    """All that can be told without asking anybody."""
    return _memory(), _disk(home), _open_files(), _writable(home)


def check_credentials(exchange: ExchangeIdentity, environment: Mapping[str, str]) -> Finding:
    """Whether the variables with the keys of an exchange are set; what is in them is nobody's business."""
    names = DEFAULT_NAMES[exchange.id]
    is_set = {name: bool(environment.get(name, "").strip()) for name in (names.key, names.secret)}
    name = f"{exchange.display_name} credentials"
    if all(is_set.values()):
        return Finding(name, Verdict.OK, f"{names.key} and {names.secret} are set")
    if not any(is_set.values()):
        seen = f"{names.key} and {names.secret} are not set; public market data needs none"
        return Finding(name, Verdict.SKIPPED, seen)
    missing = next(name for name, there in is_set.items() if not there)
    return Finding(name, Verdict.FAILED, f"only one of two is set: {missing} is missing", f"set {missing}")


def _memory() -> Finding:
    free = _free_memory()
    if free is None:
        return Finding("memory", Verdict.SKIPPED, "this system does not tell how much is free")
    cure = "an instance takes up to 400 MB with 1,000 symbols: end something else, or watch fewer symbols"
    return _by_bars("memory", free, MEMORY_NEEDED, MEMORY_WANTED, f"{free // MEGABYTE:,} MB are free", cure)


def _free_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith("MemAvailable:")), None)
    return None if found is None else int(found.split()[1]) * 1024


def _disk(home: Path) -> Finding:
    free = shutil.disk_usage(home if home.exists() else Path()).free
    cure = "free some: where the disk is full, Valkey and PostgreSQL stop writing"
    return _by_bars("disk", free, DISK_NEEDED, DISK_WANTED, f"{free // MEGABYTE:,} MB are free", cure)


def _open_files() -> Finding:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = limit if limit != resource.RLIM_INFINITY else FILES_WANTED
    cure = f"raise the limit: ulimit -n {FILES_WANTED}"
    return _by_bars("open files", allowed, FILES_NEEDED, FILES_WANTED, f"{limit:,} may be open at once", cure)


def _writable(home: Path) -> Finding:
    for path in (home, home / "sim", home / "live"):
        if path.is_symlink() and not path.exists():
            seen = f"{path.absolute()} leads to {path.readlink()}, which is not there"
            return Finding("data directory", Verdict.FAILED, seen, "mount the disk behind it, or remove the link")
        if path.exists() and not path.is_dir():
            seen = f"{path.absolute()} is no directory"
            return Finding("data directory", Verdict.FAILED, seen, "move it away: Livermore keeps its data there")
    where = home if home.exists() else Path()
    try:
        with tempfile.TemporaryFile(dir=where):
            pass
    except OSError as exc:
        seen = f"nothing can be written below {where.absolute()} ({exc.strerror})"
        return Finding("data directory", Verdict.FAILED, seen, "start from a directory that belongs to you")
    return Finding("data directory", Verdict.OK, f"{(Path.cwd() / home)} can be written")


def _by_bars(name: str, there: int, needed: int, wanted: int, seen: str, cure: str) -> Finding:
    if there < needed:
        return Finding(name, Verdict.FAILED, seen, cure)
    return Finding(name, Verdict.WARNING, seen, cure) if there < wanted else Finding(name, Verdict.OK, seen)


def environment_of_process() -> Mapping[str, str]:
    """The variables of this process, in which keys are looked for by name."""
    return os.environ
