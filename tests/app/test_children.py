"""Why a process of ours has ended is told by what killed it or by its own last error, and by nothing else."""

import json
from pathlib import Path

import pytest

from livermore.app.children import why_ended


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
