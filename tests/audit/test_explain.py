from collections.abc import Sequence
from dataclasses import replace

from audit.markets import a_market, replayed, truths
from livermore.audit.explain import Evidence, explained
from livermore.audit.finding import Finding, Kind, Point
from livermore.core.market.candle import Candle
from livermore.core.market.timeframe import BASE

MARKET = a_market(5, 900)
TRUTH = truths(MARKET)[BASE]
ROWS = TRUTH.truth.rows
ALERT = TRUTH.alerts[-1]
INDEX = next(index for index, row in enumerate(ROWS) if row.opened_at == ALERT.opened_at)


def a_finding(kind: Kind = Kind.MISSED, label: str = ALERT.label, opened_at: int = ALERT.opened_at) -> Finding:
    return Finding(kind, ALERT.id, ALERT.symbol, BASE, opened_at, label, Point(1.0, 1.0), None, "", None)


def evidence(stored: Sequence[Candle] = ROWS) -> Evidence:
    return Evidence(TRUTH, stored, ())


def stored_with(index: int, **changes: object) -> list[Candle]:
    rows = list(ROWS)
    rows[index] = replace(rows[index], **changes)  # type: ignore[arg-type]
    return rows


def test_what_nothing_explains_stays_unexplained() -> None:
    assert explained(a_finding(), evidence()).reason is None


def test_a_wrong_candle_is_shown_with_both_numbers() -> None:
    close = ROWS[INDEX].close
    wrong = stored_with(INDEX, close=(ROWS[INDEX].low + close) / 2)

    reason = explained(a_finding(), evidence(wrong)).reason

    assert reason is not None
    assert reason.endswith(f"has close {wrong[INDEX].close:.12g} where the exchange has {close:.12g}")
    folded = explained(a_finding(), Evidence(TRUTH, wrong, (), "its 5m candles give")).reason
    assert folded is not None
    assert folded.endswith(f"where its 5m candles give {close:.12g}")


def test_the_nearest_wrong_candle_is_named_and_the_others_are_counted() -> None:
    rows = list(ROWS)
    for back in (2, 5, 9):
        rows[INDEX - back] = replace(rows[INDEX - back], high=rows[INDEX - back].high * 2)

    reason = explained(a_finding(), evidence(rows)).reason

    assert reason is not None
    assert reason.endswith("(and 2 more before it)")
    assert f"where the exchange has {ROWS[INDEX - 2].high:.12g}" in reason


def test_a_wrong_candle_after_it_or_long_before_it_explains_nothing() -> None:
    after = stored_with(INDEX + 1, high=ROWS[INDEX + 1].high * 2)
    before = stored_with(INDEX - 301, high=ROWS[INDEX - 301].high * 2)

    assert explained(a_finding(), evidence(after)).reason is None
    assert explained(a_finding(), evidence(before)).reason is None


def test_a_hole_is_named() -> None:
    holed = [*ROWS[: INDEX - 3], *ROWS[INDEX - 1 :]]

    reason = explained(a_finding(), evidence(holed)).reason

    assert reason is not None
    assert reason.startswith("no candle of ")
    assert reason.endswith("is stored (and 1 more before it)")


def test_candles_older_than_the_stored_ones_are_no_hole() -> None:
    assert explained(a_finding(), evidence(ROWS[INDEX:])).reason is None


def test_a_false_alert_is_shown_beside_the_value_of_its_candle() -> None:
    quiet = next(i for i in range(100, len(ROWS)) if ROWS[i].opened_at not in {a.opened_at for a in TRUTH.alerts})
    value, before = TRUTH.columns.value[quiet], TRUTH.columns.value[quiet - 1]

    found = explained(a_finding(Kind.FALSE, opened_at=ROWS[quiet].opened_at), evidence())

    assert found.detail == f"the candles give {value:.2f} after {before:.2f}"
    assert found.reason is None


def test_a_candle_that_the_exchange_does_not_have_is_a_reason() -> None:
    found = explained(a_finding(Kind.FALSE, opened_at=ROWS[-1].closes_at), evidence())

    assert (found.reason or "").startswith("the exchange has no candle at ")


def test_another_label_on_the_same_candle_is_told() -> None:
    standing = [alert for alert in replayed(MARKET) if alert.timeframe is BASE]

    found = explained(a_finding(label="level_1000"), replace(evidence(), standing=standing))

    assert found.detail == f"raised on the same candle: {ALERT.label}"


def test_a_reason_known_before_is_kept_first() -> None:
    wrong = stored_with(INDEX, high=ROWS[INDEX].high * 2)

    found = explained(replace(a_finding(), reason="it was fired and then retracted"), evidence(wrong))

    assert (found.reason or "").startswith("it was fired and then retracted; the stored candle of ")


def test_what_is_no_damage_is_left_as_it_is() -> None:
    late = replace(a_finding(Kind.LATE), reason="its candle was processed as catch-up")

    assert explained(late, evidence(stored_with(INDEX, high=ROWS[INDEX].high * 2))) is late
