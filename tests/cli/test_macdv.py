import csv
import gzip
import math
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.conftest import Livermore

HEADER = "timestamp,close,ema12,ema26,atr26,macd_v,signal,histogram,stage"
START = 1_700_006_400_000
STEP = 300_000
H4 = 4 * 3600
Table = Callable[..., Path]


def walk(count: int, step: int = STEP, seed: int = 1) -> list[list[object]]:
    """Rows of a random walk without holes."""
    dice = random.Random(seed)
    rows: list[list[object]] = []
    close = 100.0
    for index in range(count):
        opened, close = close, close * math.exp(dice.gauss(0, 0.003))
        high, low = max(opened, close) * 1.001, min(opened, close) * 0.999
        rows.append([START + index * step, opened, high, low, close, 1.5])
    return rows


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_the_recorded_reference_is_met(livermore: Livermore, shared_data: Callable[[str], Path]) -> None:
    """EMA, ATR and MACD-V of talipp to 1e-9, of TA-Lib, which seeds otherwise, to 1e-6 from row 440 on.

    Rows within 600 of a missing bucket are exempt: the reference closes up over it, we count an empty candle.
    The reference is written with 12 significant digits, and MACD-V is a difference of averages in units of the ATR: one
    that happens to be near 0 keeps the absolute error of its terms. So below 1 the bound is absolute.
    """
    path = shared_data("reference/coinbase_btcusd_4h_2016_2025.csv.gz")
    with gzip.open(path, "rt") as lines:
        wanted = list(csv.DictReader(lines))
    outcome = livermore("macdv", path)
    found = read(outcome.stdout)

    assert outcome.returncode == 0
    assert outcome.stdout.splitlines()[0] == HEADER
    assert [int(row["timestamp"]) for row in found] == [int(row["t"]) * 1000 for row in wanted]
    pairs = {"ema12": "tpp_ema12", "ema26": "tpp_ema26", "atr26": "tpp_atr26", "macd_v": "tpp_macdv"}
    compared = since_hole = 0
    before: int | None = None
    for index, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
        since_hole = 0 if before is not None and int(theirs["t"]) - before != H4 else since_hole + 1
        seen_hole = since_hole != index + 1
        before = int(theirs["t"])
        if seen_hole and since_hole < 600:
            continue
        for mine, other in pairs.items():
            assert bool(ours[mine]) == bool(theirs[other]), (index, mine)
            if theirs[other]:
                x, y = float(ours[mine]), float(theirs[other])
                assert abs(x - y) <= 1e-9 * (max(1.0, abs(y)) if mine == "macd_v" else abs(y)), (index, mine)
                compared += 1
        if index >= 440:
            assert abs(float(ours["macd_v"]) - float(theirs["tal_macdv"])) <= 1e-6, index
    assert compared > 60_000


def test_numbers_are_blank_until_they_are_defined(livermore: Livermore, table: Table) -> None:
    found = read(livermore("macdv", table(walk(40))).stdout)

    first = {name: next(i for i, row in enumerate(found) if row[name]) for name in HEADER.split(",")}
    assert first == {
        "timestamp": 0, "close": 0, "ema12": 11, "ema26": 25, "atr26": 25, "macd_v": 25, "signal": 33, "histogram": 33,
        "stage": 0,
    }  # fmt: skip
    assert {row["stage"] for row in found[:33]} == {"unknown"}
    assert "unknown" not in {row["stage"] for row in found[33:]}


def test_numbers_are_printed_in_full(livermore: Livermore, table: Table) -> None:
    """A float read back from the table is the float that was computed: histogram is macd_v - signal to the last bit."""
    for row in read(livermore("macdv", table(walk(80))).stdout)[34:]:
        assert float(row["histogram"]) == float(row["macd_v"]) - float(row["signal"])
        assert repr(float(row["macd_v"])) == row["macd_v"]


def test_a_flat_market_has_no_macdv(livermore: Livermore, table: Table) -> None:
    rows = [[START + index * STEP, 1, 1, 1, 1, 5] for index in range(60)]

    last = read(livermore("macdv", table(rows)).stdout)[-1]

    assert (last["atr26"], last["macd_v"], last["signal"], last["histogram"], last["stage"]) == (
        "0.0", "", "", "", "unknown",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "make"),
    [
        ("t,open,high,low,close", lambda row: row[:5]),
        ("close,low,high,open,ignored,Timestamp", lambda row: [row[4], row[3], row[2], row[1], "x", row[0]]),
        ("timestamp,open,high,low,close,volume", lambda row: [row[0] // 1000, *row[1:]]),
        ('"timestamp","open","high","low","close","volume"', lambda row: row),
    ],
    ids=["without volume", "any order", "seconds", "quoted"],
)
@pytest.mark.parametrize("name", ["candles.csv", "candles.csv.gz"])
def test_the_same_candles_give_the_same_table_however_they_are_written(
    livermore: Livermore, table: Table, header: str, make: Callable[[list[object]], list[object]], name: str
) -> None:
    rows = walk(50)
    plain = livermore("macdv", table(rows))
    other = livermore("macdv", table([make(row) for row in rows], header, f"other-{name}"))

    assert other.returncode == 0, other.stderr
    assert other.stdout == plain.stdout
    assert len(plain.stdout.splitlines()) == 51


@pytest.mark.parametrize(("name", "minutes"), [("5m", 5), ("15m", 15), ("1h", 60), ("4h", 240), ("1d", 1440)])
def test_the_timeframe_is_told_by_the_rows(livermore: Livermore, table: Table, name: str, minutes: int) -> None:
    rows = [[index * minutes * 60_000 + 1_700_006_400_000 // 86_400_000 * 86_400_000, 1, 2, 1, 2] for index in range(9)]
    del rows[3], rows[5]
    path = table(rows, "t,open,high,low,close")

    inferred = livermore("macdv", path, "--show-empty")

    assert inferred.stdout == livermore("macdv", path, "--show-empty", "--timeframe", name).stdout
    assert len(inferred.stdout.splitlines()) == 10


def test_absent_buckets_count_as_empty_and_are_shown_when_asked_for(livermore: Livermore, table: Table) -> None:
    rows = walk(120)
    path = table(rows[:50] + rows[54:])

    plain, full = read(livermore("macdv", path).stdout), read(livermore("macdv", path, "--show-empty").stdout)

    assert [row for row in full if row["empty"] == "0"] == [{**row, "empty": "0"} for row in plain]
    empty = [row for row in full if row["empty"] == "1"]
    assert [int(row["timestamp"]) for row in empty] == [START + index * STEP for index in range(50, 54)]
    assert {row["close"] for row in empty} == {plain[49]["close"]}
    assert {row["atr26"] for row in empty} == {plain[49]["atr26"]}, "the true range waits"
    assert len({row["ema12"] for row in empty}) == 4, "the averages do not"


def test_a_flat_row_without_volume_is_an_empty_bucket(livermore: Livermore, table: Table) -> None:
    """Some exchanges list buckets without trades: flat, volume 0. It is the same as leaving them out."""
    rows = walk(60)
    close = rows[29][4]
    listed = [*rows[:30], [rows[30][0], close, close, close, close, 0], *rows[31:]]

    absent = livermore("macdv", table(rows[:30] + rows[31:], name="a.csv"), "--show-empty")

    assert livermore("macdv", table(listed, name="b.csv"), "--show-empty").stdout == absent.stdout


ROWS = [",".join(map(str, row)) for row in walk(8)]
AT = [START + index * STEP for index in range(8)]
WRONG = {
    "unparsable price": (3, f"{AT[2]},1,x,1,1,1", "'x' is no number"),
    "not a number": (3, f"{AT[2]},1,nan,1,1,1", "'nan' is no number"),
    "infinite": (3, f"{AT[2]},1,inf,1,1,1", "'inf' is no number"),
    "too large for a float": (3, f"{AT[2]},1,1e999,1,1,1", "prices contradict each other"),
    "negative": (3, f"{AT[2]},-1,1,-1,1,1", "prices contradict each other"),
    "underscored": (3, f"{AT[2]},1_0,10,10,10,1", "'1_0' is no number"),
    "high below low": (3, f"{AT[2]},2,1,2,2,1", "prices contradict each other"),
    "negative volume": (3, f"{AT[2]},1,1,1,1,-1", "volume must be"),
    "unparsable time": (3, "yesterday,1,1,1,1,1", "'yesterday' is no timestamp"),
    "date": (3, "2023-11-15,1,1,1,1,1", "is no timestamp"),
    "microseconds": (3, f"{AT[2]}000,1,1,1,1,1", "is no timestamp"),
    "blank price": (3, f"{AT[2]},,1,1,1,1", "'' is no number"),
    "too few columns": (3, f"{AT[2]},1,1,1", "4 columns where the header has 6"),
    "too many columns": (3, f"{AT[2]},1,1,1,1,1,1", "7 columns"),
    "off the grid": (3, f"{AT[2] + 60_000},1,1,1,1,1", "off the grid"),
    "duplicate": (3, f"{AT[1]},1,1,1,1,1", f"{AT[1]} stands on line 3 already"),
    "out of order": (3, f"{AT[0]},1,1,1,1,1", "out of order"),
    "blank": (3, "", "blank"),
    "far in the future": (3, f"{AT[2] * 90},1,1,1,1,1", "a wrong timestamp?"),
    "last row cut": (8, f"{AT[7]},1,1,1", "4 columns"),
}


@pytest.mark.parametrize(("index", "line", "reason"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_line_is_named_and_nothing_is_printed(
    livermore: Livermore, table: Table, index: int, line: str, reason: str
) -> None:
    place = 2 if index == 3 else 7
    rows = [*ROWS[:place], line, *ROWS[place + 1 :]]
    if "far" in reason or "wrong timestamp" in reason:
        rows = rows[: place + 1]
    path = table(rows)

    outcome = livermore("macdv", path)

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"livermore: {path}:{place + 2}: ")
    assert reason in outcome.stderr
    assert outcome.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("header", "rows", "reason"),
    [
        ("open,high,low,close", [], "lacks timestamp (or t)"),
        ("t,open,high,close", [], "lacks low"),
        ("t,open,high,low,close,close", [], "names 'close' twice"),
        ("t,open,high,low,close", [], "nothing else"),
    ],
)
def test_a_wrong_header_is_said(livermore: Livermore, table: Table, header: str, rows: list[str], reason: str) -> None:
    outcome = livermore("macdv", table(rows, header))

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert reason in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def damaged(name: str, tmp_path: Path) -> Path:
    whole = gzip.compress(("t,open,high,low,close\n" + "".join(f"{at},1,1,1,1\n" for at in AT)).encode())
    content = {
        "empty.csv": b"",
        "empty.csv.gz": b"",
        "cut.csv.gz": whole[:-12],
        "garbled.csv.gz": whole[:20] + bytes(reversed(whole[20:])),
        "plain.csv.gz": gzip.decompress(whole),
        "binary.csv": bytes(range(256)),
    }
    path = tmp_path / name
    if name in content:
        path.write_bytes(content[name])
    elif name == "folder.csv":
        path.mkdir()
    return path


@pytest.mark.parametrize(
    "name",
    [
        "absent.csv",
        "empty.csv",
        "empty.csv.gz",
        "cut.csv.gz",
        "garbled.csv.gz",
        "plain.csv.gz",
        "binary.csv",
        "folder.csv",
    ],
)
def test_a_file_that_cannot_be_read_is_named(livermore: Livermore, tmp_path: Path, name: str) -> None:
    path = damaged(name, tmp_path)

    outcome = livermore("macdv", path)

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"livermore: {path}:")
    assert outcome.stderr.count("\n") == 1


def test_candles_of_one_minute_are_refused_by_name(livermore: Livermore, table: Table) -> None:
    outcome = livermore("macdv", table(walk(10, step=60_000)))

    assert outcome.returncode == 2
    assert outcome.stderr.endswith("the candles are 1m apart; known timeframes are 5m, 15m, 1h, 4h, 1d\n")


def test_one_candle_needs_its_timeframe_named(livermore: Livermore, table: Table) -> None:
    path = table(walk(1))

    assert livermore("macdv", path).returncode == 2
    assert livermore("macdv", path, "--timeframe", "5m").returncode == 0
    assert "unknown timeframe '7m'" in livermore("macdv", path, "--timeframe", "7m").stderr
