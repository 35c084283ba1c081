"""Only a process that has provably ended is taken for one."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from livermore.core.instance.lifecycle import State
from livermore.core.instance.status import FeedState, Status
from livermore.runtime.identity import is_provably_gone, process_mark

MARK = process_mark()
OWN = Status(1, "coinbase", "one", 4, State.ACTIVE, FeedState.LIVE, 1, 2, 3, "box", os.getpid(), "0", process_mark=MARK)

pytestmark = pytest.mark.skipif(MARK is None, reason="this system does not tell processes apart")


def test_a_process_that_runs_is_not_gone() -> None:
    assert not is_provably_gone(OWN)
    assert process_mark() == MARK


def test_a_process_that_has_ended_is_gone_whether_or_not_its_parent_has_noticed() -> None:
    assert MARK is not None
    place = MARK.rpartition("/")[0]
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        with open(f"/proc/{child.pid}/stat") as stat:
            start = stat.read().rpartition(")")[2].split()[19]
        status = replace(OWN, pid=child.pid, process_mark=f"{place}/{start}")
        assert not is_provably_gone(status)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert is_provably_gone(status)
    assert is_provably_gone(status)


def test_a_number_that_another_process_has_now_proves_that_the_first_one_is_gone() -> None:
    assert MARK is not None
    place, _, start = MARK.rpartition("/")

    assert is_provably_gone(replace(OWN, process_mark=f"{place}/{int(start) - 1}"))


@pytest.mark.parametrize("mark", [None, "", "7", "other-boot/1/7", "/"])
def test_elsewhere_nothing_is_proven(mark: str | None) -> None:
    assert not is_provably_gone(replace(OWN, pid=2**22 + 1, process_mark=mark))
