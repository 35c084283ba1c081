"""Which PostgreSQL is meant: the one that is named, or the one that runs here, and never one of two."""

import os
from pathlib import Path

import pytest

from livermore.app.database import database_of, database_settings, database_variables
from livermore.config import read_environment
from livermore.embedded.cluster import DATA_NAME, NOTE_NAME, PASSWORD_NAME
from livermore.errors import ConfigError, InvalidRequest


@pytest.fixture(autouse=True)
def _nothing_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LIVERMORE_DATABASE_")]:
        monkeypatch.delenv(name)


def running(home: Path, kind: str, pid: int, status: str = "ready") -> None:
    """What a server leaves in its directory."""
    data = home / kind / "postgres" / DATA_NAME
    data.mkdir(parents=True)
    (data / NOTE_NAME).write_text(f"{pid}\n{data}\n1\n5433\n\n127.0.0.1\n 1 1\n{status}\n")
    (data.parent / PASSWORD_NAME).write_text("word")


def test_the_one_that_runs_here_is_found(tmp_path: Path) -> None:
    running(tmp_path, "sim", os.getpid())
    found = database_of(read_environment(), tmp_path)
    assert (found.address, found.user, found.password) == ("127.0.0.1:5433/livermore", "livermore", "word")


def test_the_one_that_is_named_comes_first_and_children_find_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(tmp_path, "sim", os.getpid())
    monkeypatch.setenv("LIVERMORE_DATABASE_HOST", "db.example")
    monkeypatch.setenv("LIVERMORE_DATABASE_PASSWORD", "secret")
    found = database_of(read_environment(), tmp_path)
    assert found.address == "db.example:5432/livermore"
    for name, value in database_variables(found).items():
        monkeypatch.setenv(name, value)
    assert database_settings(read_environment()) == found


@pytest.mark.parametrize("status", ["starting", "ready"])
def test_one_that_is_gone_or_not_ready_is_none(tmp_path: Path, status: str) -> None:
    # Process numbers end far below this one.
    running(tmp_path, "live", os.getpid() if status == "starting" else 2**30, status)
    with pytest.raises(ConfigError, match="no PostgreSQL at hand"):
        database_of(read_environment(), tmp_path)


def test_of_two_none_is_chosen(tmp_path: Path) -> None:
    running(tmp_path, "sim", os.getpid())
    running(tmp_path, "live", os.getpid())
    with pytest.raises(InvalidRequest, match="simulated and a live"):
        database_of(read_environment(), tmp_path)
