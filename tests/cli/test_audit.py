import io
import json
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from cli.conftest import Livermore
from livermore.app.audit import Audit
from livermore.audit.finding import DAMAGE, ExchangeAudit, Finding, Kind, Outcome, Point
from livermore.cli.audit import ROWS_SHOWN, as_object, instant, show
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import HOUR, Timeframe
from livermore.embedded.valkey import open_valkey
from livermore.errors import InvalidRequest

NOON = 1_795_348_800_000


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a directory without a `livermore up`, and without variables that lead to a store."""
    monkeypatch.chdir(tmp_path)
    for name in ("HOST", "PORT", "SECRET", "TLS"):
        monkeypatch.delenv(f"LIVERMORE_REDIS_{name}", raising=False)


def a_finding(kind: Kind, number: int = 0) -> Finding:
    points = {
        Kind.MISSED: (Point(-151.25, 64_000.5), None),
        Kind.AMENDED: (Point(151.0, 2.0), Point(150.5, 1.9)),
    }.get(kind, (None, Point(151.0, 2.0)))
    opened_at = NOON + number * HOUR
    reason = "catch-up" if kind is Kind.LATE else None
    return Finding(kind, f"id-{number}", "BTC-USD", Timeframe.H1, opened_at, "level_150", *points, "in detail", reason)


def an_audit(*findings: Finding, notes: tuple[str, ...] = ()) -> Audit:
    outcome = Outcome(12, 11, findings)
    return Audit((ExchangeAudit(COINBASE, True, NOON - HOUR, NOON, 5, 1_500, outcome, notes),), 1.25, 1.0)


def shown(audit: Audit) -> str:
    console = Console(file=io.StringIO(), width=80)
    show(audit, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("1795348800000", NOON),
        ("2026-11-22T12:00Z", NOON),
        ("2026-11-22T12:00", NOON),
        ("2026-11-22 13:00:00+01:00", NOON),
        ("2026-11-22", NOON - 12 * HOUR),
        ("2026-11-22T12:00:00.250Z", NOON + 250),
    ],
)
def test_an_instant_is_millis_or_a_date_in_utc(text: str, millis: int) -> None:
    assert instant("--from", text) == millis


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "12:00", "999999999999999", "-5"])
def test_what_is_no_instant_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^--from .* is no instant"):
        instant("--from", text)


def test_people_see_counts_then_rows_then_the_verdict() -> None:
    text = shown(an_audit(a_finding(Kind.MISSED), a_finding(Kind.LATE), notes=("something limits it",)))

    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0] == "Coinbase (simulated) 2026-11-22 11:00Z to 2026-11-22 12:00Z, 5 series, 1,500 candles"
    assert lines[1].split() == ["expected", "found", *(kind.value for kind in Kind if kind is not Kind.UNJUDGED)]
    assert lines[2] == "12 11 1 0 0 0 1 0 0 0"
    assert lines[3] == "missed 2026-11-22 13:00Z BTC-USD 1h level_150 expected -151.25 at 64,000.50"
    assert lines[4] == "in detail; unexplained"
    assert lines[5] == "late 2026-11-22 13:00Z BTC-USD 1h level_150 raised 151.00 at 2.0000"
    assert lines[6] == "in detail; catch-up"
    assert lines[7] == "note: something limits it"
    assert lines[-1].startswith("the alerts are not what the candles ask for 1,500 candles in 1.2 s")


def test_an_amended_alert_is_shown_with_both_its_values() -> None:
    assert "first 150.50 at 1.9000, then 151.00 at 2.0000" in shown(an_audit(a_finding(Kind.AMENDED)))


def test_a_clean_audit_says_so_and_shows_what_could_not_be_judged() -> None:
    assert "nothing missed, nothing false, nothing twice" in shown(an_audit())
    text = shown(an_audit(a_finding(Kind.UNJUDGED)))
    heads = next(line.split() for line in text.splitlines() if line.lstrip().startswith("expected"))
    assert {kind.value for kind in DAMAGE} | {"expected", "found", "unjudged"} <= set(heads)
    assert not any(head.endswith("…") for head in heads)


def test_many_rows_of_one_kind_are_cut_and_say_so() -> None:
    text = shown(an_audit(*(a_finding(Kind.LATE, number) for number in range(ROWS_SHOWN + 7))))

    assert text.count("in detail; catch-up") == ROWS_SHOWN
    assert "… and 7 more; --json has all" in text


def test_json_has_everything_in_camel_case() -> None:
    told = json.loads(msgspec.json.encode(as_object(an_audit(a_finding(Kind.MISSED)))))

    (one,) = told.pop("exchanges")
    assert told == {"isClean": False, "seconds": 1.25, "waitedSeconds": 1.0}
    (finding,) = one.pop("findings")
    counts = {kind.value: int(kind is Kind.MISSED) for kind in Kind}
    assert one.pop("counts") == {"expected": 12, "found": 11, **counts}
    assert one == {
        "exchangeId": 1, "exchangeName": "coinbase", "simulated": True, "isClean": False, "from": NOON - HOUR,
        "to": NOON, "series": 5, "candles": 1_500, "notes": [],
    }  # fmt: skip
    assert finding == {
        "kind": "missed", "id": "id-0", "symbol": "BTC-USD", "timeframe": "1h", "openTime": NOON,
        "closeTime": NOON + HOUR, "label": "level_150", "expected": {"value": -151.25, "price": 64_000.5},
        "found": None, "detail": "in detail", "reason": None,
    }  # fmt: skip


def test_without_a_store_it_says_where_it_looked(livermore: Livermore) -> None:
    outcome = livermore("audit")

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr == (
        "livermore: no store at hand: LIVERMORE_REDIS_HOST is not set and no `livermore up` is running "
        "under ./.livermore\n"
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--exchange", "kraken"), "unknown exchange 'kraken'"),
        (("--from", "soon"), "--from 'soon' is no instant"),
        (("--from", "2026-11-22", "--to", "2026-11-22"), "the period ends at 2026-11-22 00:00Z"),
        (("--timeframe", "5m"), "No such option"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    livermore: Livermore, arguments: tuple[str, ...], complaint: str
) -> None:
    outcome = livermore("audit", *arguments)

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"livermore: {complaint}")
    assert outcome.stderr.count("\n") == 1


async def test_an_empty_store_has_nothing_to_audit_and_stays_empty(livermore: Livermore, tmp_path: Path) -> None:
    """The store of a `livermore up` is found by itself; looking at it leaves no mark."""
    async with open_valkey(tmp_path / ".livermore" / "live" / "valkey"):
        outcome = livermore("audit")
        named = livermore("audit", "--exchange", "binance_us")

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr == "livermore: the store holds no candles of any exchange; there is nothing to audit\n"
    assert (named.returncode, named.stderr) == (2, "livermore: the store holds no candles of Binance US\n")


async def test_two_markets_side_by_side_must_be_told_apart(livermore: Livermore, tmp_path: Path) -> None:
    async with (
        open_valkey(tmp_path / ".livermore" / "live" / "valkey"),
        open_valkey(tmp_path / ".livermore" / "sim" / "valkey"),
    ):
        outcome = livermore("audit")

    assert outcome.returncode == 2
    assert "a simulated and a live market run under ./.livermore" in outcome.stderr


def test_a_store_that_is_away_is_exit_code_1(livermore: Livermore) -> None:
    outcome = livermore("audit", LIVERMORE_REDIS_HOST="127.0.0.1", LIVERMORE_REDIS_PORT="1")

    assert (outcome.returncode, outcome.stdout) == (1, "")
    assert "127.0.0.1:1 cannot be used" in outcome.stderr
