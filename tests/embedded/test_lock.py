"""A data directory belongs to one process at a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from livermore.embedded.lock import LOCK_NAME, locked
from livermore.errors import ConfigError

HOLD = """
import sys
from pathlib import Path
from livermore.embedded.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(directory: Path) -> None:
    with locked(directory):
        pass


def test_a_second_holder_is_refused_with_the_number_of_the_first(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(ConfigError, match=rf"in use by process {os.getpid()};"):
        hold(tmp_path)


def test_a_directory_is_free_again_after_its_holder(tmp_path: Path) -> None:
    hold(tmp_path)
    hold(tmp_path)


def test_what_a_killed_process_held_is_taken_over(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ConfigError, match=str(holder.pid)):
            hold(tmp_path)
        holder.kill()
        holder.wait(10)

        hold(tmp_path)


def test_a_missing_directory_is_made_for_its_owner_only(tmp_path: Path) -> None:
    with locked(tmp_path / "a" / "b") as directory:
        assert directory == tmp_path / "a" / "b"
        assert directory.stat().st_mode & 0o777 == 0o700
        assert (directory / LOCK_NAME).stat().st_mode & 0o777 == 0o600


def test_a_directory_that_cannot_be_made_is_a_matter_for_the_operator(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ConfigError, match="cannot be used"):
        hold(tmp_path / "file" / "below")
