"""Processes of ours are started again, and why one has ended is told by what killed it or by its own last error."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from livermore.app import children
from livermore.app.children import Child, run_supervised, why_ended
from livermore.errors import ConfigError

# It ends with each of these codes in turn, and then stays.
TURNS = """#!/bin/sh
echo turn >> {folder}/turns
code=$(sed -n "$(wc -l < {folder}/turns)p" {folder}/codes)
[ -z "$code" ] && echo stays && exec sleep 300
echo "livermore: the schema is older; run livermore db apply" >&2
exit $code
"""


def a_child(folder: Path, monkeypatch: pytest.MonkeyPatch, *codes: int) -> tuple[Child, asyncio.Event]:
    program, stays = folder / "program", asyncio.Event()
    program.write_text(TURNS.format(folder=folder))
    program.chmod(0o755)
    (folder / "codes").write_text("".join(f"{code}\n" for code in codes))
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(children, "LONGEST_RESTART_SECONDS", 0.01)
    return Child("server", ("server",), {}, folder / "server.log", lambda _: stays.set()), stays


async def test_a_child_whose_configuration_is_wrong_from_the_beginning_is_not_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child, _ = a_child(tmp_path, monkeypatch, 2)
    async with asyncio.timeout(60):
        with pytest.raises(ConfigError, match=r"^the schema is older; run livermore db apply$"):
            await run_supervised(child, lambda *_: None)


async def test_a_child_that_was_content_before_takes_nobody_along_when_it_is_not_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the program was updated under a running one, and the schema was not led there yet."""
    child, stays = a_child(tmp_path, monkeypatch, 1, 2, 2)
    said: list[str] = []
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run_supervised(child, lambda _, text: said.append(text)), name="server")
        await stays.wait()
        running.cancel()

    assert [text.partition(" and ")[0] for text in said] == [f"ended with code {code}" for code in (1, 2, 2)]
    assert all("run livermore db apply" in text for text in said)


@pytest.mark.parametrize(
    ("code", "line", "reason"),
    [
        (
            -9,
            {"method": "GET", "path": "/readyz", "status": 200, "event": "request", "level": "info"},
            "killed by SIGKILL",
        ),
        (-15, {"event": "x", "level": "error"}, "killed by SIGTERM"),
        (1, {"type": "switch-mode", "step": "done", "event": "command.ended", "level": "info"}, None),
        (
            1,
            {"event": "session.failed", "level": "error", "exception": "Traceback\n  …\nKeyError: 'a'"},
            "KeyError: 'a'",
        ),
        (1, {"event": "start_refused", "level": "error", "reason": "it is served"}, "start_refused: it is served"),
        (1, "livermore: Redis is away", "Redis is away"),
        (1, "ModuleNotFoundError: No module named 'x'", "No module named 'x'"),
        (1, "livermore: warning: unknown variable LIVERMORE_X; did you mean LIVERMORE_Y?", None),
        (1, "", None),
    ],
)
def test_a_reason_is_a_signal_or_an_error(code: int, line: object, reason: str | None, tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(f"{line if isinstance(line, str) else json.dumps(line)}\n")
    found = why_ended(code, log)

    assert found is None if reason is None else found is not None and reason in found
    assert "{" not in (found or "")


def test_a_log_that_is_not_there_is_no_reason(tmp_path: Path) -> None:
    assert why_ended(1, tmp_path / "none.log") is None
