"""The set-up does what is missing, once, and never says that it is done when it is not.

The installer is a small shell script here, so that nothing is downloaded; the locks and the stamps are real.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "pyproject.toml",
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-peers.lock",
    "requirements-setup.lock",
)
UV = """#!/bin/sh
cd "$(dirname "$0")/../.."
echo "$@" >> uv.log
[ ! -e broken ]
"""
# Stands for the Python of .tools: it builds an empty wheel, and its pip fails whenever uv does.
PYTHON = """#!/bin/sh
cd "$(dirname "$0")/../.."
case "$*" in
  *build_editable*) touch "$3/livermore.whl" ;;
  *pip*install*) echo "pip $*" >> uv.log; [ ! -e broken ] ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose installer only writes down what it was asked for."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "scripts", root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    for name in COPIED:
        shutil.copy(ROOT / name, root / name)
    tools = root / ".tools" / "bin"
    tools.mkdir(parents=True)
    for name, text in (("uv", UV), ("python", PYTHON)):
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    stamp_tools(root)
    # A Python that works is kept, so that only the tests that mean it make a new environment.
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return root


def stamp_tools(root: Path) -> None:
    (root / ".tools" / "setup").write_text(f"{root}\n{(root / 'requirements-setup.lock').read_text()}")


def start(root: Path, level: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [root / "scripts" / "setup", level],
        env={**os.environ, "PYTHON": "", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def set_up(root: Path, level: str, **environment: str) -> tuple[int, str]:
    """The exit code, and everything that was said."""
    process = start(root, level, **environment)
    said, _ = process.communicate()
    return process.returncode, said


def installed(root: Path) -> list[str]:
    """What the installer was asked for since the last look."""
    log = root / "uv.log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return lines


def test_the_first_call_makes_an_environment_and_installs_the_lock_with_its_hashes(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    code, said = set_up(checkout, "dev")

    assert code == 0, said
    assert (checkout / ".venv" / "pyvenv.cfg").exists()
    lock, project = installed(checkout)
    assert lock.startswith("pip sync --require-hashes requirements-dev.lock ")
    assert "--no-deps --no-index" in project


def test_the_second_call_is_silent_and_does_nothing(checkout: Path) -> None:
    set_up(checkout, "dev")
    installed(checkout)

    assert set_up(checkout, "dev") == (0, "")
    assert installed(checkout) == []


@pytest.mark.parametrize("name", ["requirements-dev.lock", "pyproject.toml", "scripts/setup.py"])
def test_what_the_environment_is_made_from_is_noticed_when_it_changes(checkout: Path, name: str) -> None:
    set_up(checkout, "dev")
    installed(checkout)
    with (checkout / name).open("a") as file:
        file.write("# changed\n")

    assert set_up(checkout, "dev")[0] == 0
    assert len(installed(checkout)) == 2


def test_running_needs_only_the_lock_of_running(checkout: Path) -> None:
    assert set_up(checkout, "run")[0] == 0
    assert "--require-hashes requirements.lock " in installed(checkout)[0]

    assert set_up(checkout, "dev")[0] == 0
    assert "--require-hashes requirements-dev.lock " in installed(checkout)[0]


def test_the_peers_have_a_place_of_their_own_that_nothing_else_touches(checkout: Path) -> None:
    set_up(checkout, "dev")
    installed(checkout)

    assert set_up(checkout, "peers")[0] == 0
    (lock,) = installed(checkout)
    assert lock.startswith("pip sync --require-hashes requirements-peers.lock ")
    assert lock.endswith("/.venv-peers/bin/python")
    for level in ("peers", "dev", "run"):
        assert set_up(checkout, level) == (0, "")
    with (checkout / "requirements-peers.lock").open("a") as file:
        file.write("# changed\n")
    assert set_up(checkout, "dev") == (0, "")
    assert set_up(checkout, "peers")[0] == 0
    assert len(installed(checkout)) == 1


def test_running_takes_nothing_away_from_tests(checkout: Path) -> None:
    set_up(checkout, "dev")
    installed(checkout)
    assert set_up(checkout, "run") == (0, "")

    with (checkout / "requirements.lock").open("a") as file:
        file.write("# changed\n")
    (checkout / "requirements-dev.lock").write_text((checkout / "requirements.lock").read_text())
    assert set_up(checkout, "run")[0] == 0
    assert "requirements-dev.lock" in installed(checkout)[0]


def test_a_failure_is_told_and_the_next_call_tries_again(checkout: Path) -> None:
    set_up(checkout, "dev")
    (checkout / "broken").touch()
    (checkout / "pyproject.toml").write_text("")

    code, said = set_up(checkout, "dev")
    assert code == 1
    assert "could not be installed" in said
    assert "Traceback" not in said
    assert set_up(checkout, "dev")[0] == 1

    (checkout / "broken").unlink()
    installed(checkout)
    assert set_up(checkout, "dev")[0] == 0
    assert len(installed(checkout)) == 2


def test_pip_is_asked_where_uv_fails(checkout: Path) -> None:
    (checkout / ".tools" / "bin" / "uv").write_text("#!/bin/sh\nexit 1\n")

    assert set_up(checkout, "dev")[0] == 0
    lock, _ = installed(checkout)
    assert lock.startswith("pip -m pip --python ")
    assert lock.endswith("--require-hashes -r requirements-dev.lock")


def test_calls_that_meet_install_once(checkout: Path) -> None:
    together = [start(checkout, "dev") for _ in range(3)]
    ends = [(process.communicate()[0], process.returncode) for process in together]

    assert [code for _, code in ends] == [0, 0, 0], ends
    assert len(installed(checkout)) == 2


@pytest.fixture
def gate(checkout: Path) -> Iterator[int]:
    """An installer that says when it has begun and then waits until something is written here."""
    for name in ("begun", "go"):
        os.mkfifo(checkout / name)
    slow = checkout / ".tools" / "bin" / "slow-uv"
    slow.write_text(f"{UV}echo > begun; read word < go\n")
    slow.chmod(0o755)
    (checkout / ".tools" / "bin" / "uv").write_text('#!/bin/sh\nexec "$(dirname "$0")"/slow-uv "$@"\n')
    written = os.open(checkout / "go", os.O_RDWR)
    yield written
    os.close(written)


def test_a_killed_set_up_keeps_others_out_until_its_last_command_has_ended(checkout: Path, gate: int) -> None:
    with start(checkout, "dev") as first:
        (checkout / "begun").read_text()
        first.kill()
        (checkout / ".tools" / "bin" / "uv").write_text(UV)
        with start(checkout, "dev") as second:
            assert second.stdout is not None
            assert "waiting" in second.stdout.readline()
            assert len(installed(checkout)) == 1

            os.write(gate, b"go\n")
            assert second.wait() == 0
            assert len(installed(checkout)) == 2


def test_an_environment_that_is_a_link_is_not_emptied(checkout: Path, tmp_path: Path) -> None:
    """What it leads to belongs to another checkout; ours gets one of its own."""
    elsewhere = tmp_path / "elsewhere"
    (checkout / ".venv").rename(elsewhere)
    (elsewhere / "setup-dev").write_text("/another/checkout\n")
    (elsewhere / "kept").touch()
    (checkout / ".venv").symlink_to(elsewhere)

    assert set_up(checkout, "dev")[0] == 0

    assert (elsewhere / "kept").exists()
    assert not (checkout / ".venv").is_symlink()


def test_a_checkout_that_has_moved_starts_anew(checkout: Path) -> None:
    set_up(checkout, "dev")
    (checkout / ".venv" / "of-the-old-place").touch()
    moved = checkout.rename(checkout.with_name("moved"))
    stamp_tools(moved)

    assert set_up(moved, "dev")[0] == 0
    assert not (moved / ".venv" / "of-the-old-place").exists()
    assert set_up(moved, "dev") == (0, "")


@pytest.mark.parametrize("python", ["/bin/false", "/no/such/python"])
def test_an_interpreter_that_will_not_do_is_refused_in_one_line(checkout: Path, python: str) -> None:
    code, said = set_up(checkout, "dev", PYTHON=python)

    assert code == 1
    assert said.count("\n") == 1
    assert python in said
    assert "3.11" in said


def test_a_machine_without_python_is_told_what_is_needed(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "dirname", "cat", "cmp"):
        (tools / name).symlink_to(shutil.which(name) or name)
    code, said = set_up(checkout, "dev", PATH=str(tools))

    assert code == 1
    assert said.startswith("Livermore needs Python 3.11 or newer")
