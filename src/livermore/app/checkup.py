"""What a check finds, and how all of it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec
from rich.console import Console
from rich.text import Text


class Verdict(StrEnum):
    """How grave a finding is: `FAILED` keeps something from working, `WARNING` does not yet."""

    OK = "ok"
    SKIPPED = "skipped"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, what was seen, and what helps where it is not well."""

    name: str
    verdict: Verdict
    seen: str
    cure: str | None = None


_MARKS: Final = {
    Verdict.OK: ("  ok  ", "green"),
    Verdict.SKIPPED: (" skip ", "grey62"),
    Verdict.WARNING: (" warn ", "yellow"),
    Verdict.FAILED: (" FAIL ", "bold red"),
}
_NAME_WIDTH: Final = 28


def has_failed(findings: Sequence[Finding]) -> bool:
    """Whether something keeps Livermore from working."""
    return any(finding.verdict is Verdict.FAILED for finding in findings)


def tell(findings: Sequence[Finding], console: Console) -> None:
    """Write a line for each finding, its cure below it, and how many there are of which kind."""
    for finding in findings:
        mark, style = _MARKS[finding.verdict]
        line = Text.assemble((mark, style), f" {finding.name:<{_NAME_WIDTH}} {finding.seen}")
        console.print(line, highlight=False, soft_wrap=True)
        if finding.cure is not None:
            console.print(f"{'':>{_NAME_WIDTH + 7}} → {finding.cure}", highlight=False, markup=False, soft_wrap=True)
    counts = [(sum(one.verdict is verdict for one in findings), verdict) for verdict in Verdict]
    console.print(", ".join(f"{count} {verdict}" for count, verdict in counts if count), highlight=False)


def as_document(findings: Sequence[Finding]) -> bytes:
    """All findings as JSON: ``{"healthy":false,"checks":[{"name":"Redis","verdict":"ok","seen":"…","cure":null}]}``."""
    checks = [{"name": one.name, "verdict": one.verdict.value, "seen": one.seen, "cure": one.cure} for one in findings]
    return msgspec.json.encode({"healthy": not has_failed(findings), "checks": checks})
