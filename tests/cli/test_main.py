import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import SOURCE, Livermore
from livermore.cli.main import VERBS


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_names_every_verb(livermore: Livermore, arguments: tuple[str, ...]) -> None:
    outcome = livermore(*arguments)

    assert outcome.returncode == 0
    assert all(f" {verb} " in outcome.stdout for verb in VERBS)
    assert outcome.stderr == ""


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_explains_itself(livermore: Livermore, verb: str) -> None:
    outcome = livermore(verb, "--help", COLUMNS="100")

    assert outcome.returncode == 0
    assert f"livermore {verb} " in outcome.stdout
    assert "--help" in outcome.stdout


def test_the_version_is_told(livermore: Livermore) -> None:
    assert livermore("--version").stdout.startswith("livermore 0.")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("sing",), "No such command 'sing'"),
        (("--loud",), "No such option"),
        (("macdv",), "see livermore macdv --help"),
        (("db", "bogus"), "livermore: Invalid value"),
        (("macdv", "a", "b"), "unexpected extra argument"),
        (("replay", "x.csv", "--symbol", "A-B"), "No such file or directory"),
    ],
)
def test_a_wrong_command_line_is_one_plain_line(livermore: Livermore, arguments: tuple[str, ...], reason: str) -> None:
    outcome = livermore(*arguments)

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("livermore: ")
    assert reason in outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert "Value error" not in outcome.stderr


def test_a_reader_that_has_enough_is_no_error(table: Callable[..., Path]) -> None:
    """`livermore macdv FILE | head` ends without a word on stderr."""
    path = table([[1_700_006_400_000 + index * 300_000, 1, 1, 1, 1, 1] for index in range(40_000)])
    command = [sys.executable, "-m", "livermore", "macdv", str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PYTHONPATH": str(SOURCE)}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"timestamp,")
        process.stdout.close()

        assert process.stderr.read() == b""
        assert process.wait(timeout=50) != 0
