"""Reports: every problem is counted, a few of each kind are shown."""

from livermore.runtime.reports import SAMPLE_EVERY, SAMPLES, Reports
from runtime.fakes import FakeClock


def test_a_flood_is_counted_whole_and_shown_by_sample() -> None:
    clock = FakeClock()
    reports = Reports(clock)
    for number in range(1_000):
        reports.report("datum_dropped", f"number {number}")

    assert reports.totals["datum_dropped"] == 1_000
    assert [problem.message for problem in reports.taken()] == [f"number {number}" for number in range(SAMPLES)]
    assert reports.last is not None
    assert reports.last.message == "number 999"


def test_one_kind_does_not_hide_another_nor_its_own_next_spell() -> None:
    clock = FakeClock()
    reports = Reports(clock)
    for _ in range(100):
        reports.report("datum_dropped", "again")
    reports.report("feed_lost", "reset by peer")
    clock.at = SAMPLE_EVERY
    reports.report("datum_dropped", "later")

    assert [problem.message for problem in reports.taken()][-2:] == ["reset by peer", "later"]
    assert reports.taken() == ()


def test_what_is_ordinary_is_counted_and_alarms_nobody() -> None:
    reports = Reports(FakeClock())
    reports.report("link_ended", "replaced by connection 2")

    assert reports.totals["link_ended"] == 1
    assert reports.last is None
    assert reports.taken() == ()
