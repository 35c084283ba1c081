"""Running a program that refuses to be root: as an ordinary user who may still reach the files that root keeps.

PostgreSQL will not run as root, and containers and build machines know nobody else. There the server becomes the owner
of its data directory. On Linux it keeps one privilege of root's, CAP_DAC_OVERRIDE, as an ambient capability, so that
neither the program nor the data need lie where an ordinary user could go: under ``/root`` is as good a place as any.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from livermore.errors import ConfigError

ORDINARY_USERS: Final = ("nobody", "daemon", "postgres")
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_KEEPCAPS: Final = 8
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_RAISE: Final = 2
_CAP_DAC_OVERRIDE: Final = 1
_CAPABILITY_VERSION_3: Final = 0x20080522


@dataclass(frozen=True, slots=True)
class Account:
    """Who a program is to run as."""

    uid: int
    gid: int


def account_for(directory: Path) -> Account | None:
    """Who is to run a server on `directory`: its owner, or else an ordinary user; None if we are not root.

    Raises:
        ConfigError: when we are root and this system has nobody else.
    """
    if os.geteuid() != 0:
        return None
    found = directory.stat()
    if found.st_uid != 0 and _has_name(found.st_uid):
        return Account(found.st_uid, found.st_gid)
    for name in ORDINARY_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid)
    raise ConfigError(
        f"PostgreSQL does not run as root and this system has no user {' or '.join(ORDINARY_USERS)}; "
        "run as an ordinary user, or set LIVERMORE_DATABASE_HOST"
    )


def _has_name(uid: int) -> bool:
    """Whether the system knows the user by name; initdb insists on that."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def hand_over(directory: Path, account: Account | None) -> None:
    """Make `account` the owner of the directory and all in it."""
    if account is None or directory.stat().st_uid == account.uid:
        return
    for folder, _, files in os.walk(directory):
        for name in files:
            os.chown(Path(folder, name), account.uid, account.gid, follow_symlinks=False)
        if Path(folder) != directory:
            os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    # Last, so that a hand-over cut short is done again.
    os.chown(directory, account.uid, account.gid)


def becoming(account: Account | None, end_signal: signal.Signals) -> Callable[[], None]:
    """What a child is to do before it becomes another program: be `account`, and end by `end_signal` with its parent.

    The kernel sends that signal (on Linux) when the thread that started the child dies.
    """
    is_linux = sys.platform.startswith("linux")
    # Found before the fork: between fork and exec nothing may be loaded or imported.
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    mask = 1 << _CAP_DAC_OVERRIDE
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    parent = os.getpid()

    def become() -> None:
        if account is not None:
            if is_linux:
                libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
            # Where root itself lacks the privilege (a container may have dropped it) plain permissions decide.
            if is_linux and libc.capset(ctypes.byref(header), ctypes.byref(sets)) == 0:
                libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)
        if is_linux:
            # Only now, for a change of user forgets it.
            libc.prctl(_PR_SET_PDEATHSIG, int(end_signal))
            if os.getppid() != parent:
                os._exit(1)

    return become
