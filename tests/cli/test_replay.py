import json
import math
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import brute_force
from cli.conftest import Livermore
from livermore.app.replay import Recording, alerts_of
from livermore.cache.codec.alert import encode_alert
from livermore.core.market.exchange import COINBASE
from livermore.core.market.rows import Row, candles_of
from livermore.core.market.timeframe import Timeframe

M5 = 300_000
START = 1_699_999_800_000
Prices = list[tuple[float, ...]]
SHAPE = [
    "id", "exchangeId", "exchangeName", "symbol", "timeframe", "openTime", "closeTime", "label", "direction", "value",
    "previousValue", "signal", "histogram", "price", "stage", "timeframes", "bias", "quality", "times", "ruleVersion",
    "status",
]  # fmt: skip


def wild(seed: int, count: int, absent: float) -> Prices:
    """A market of long and short trends, quiet and wild hours, flat stretches, silence and outages."""
    dice = random.Random(seed)
    rows: Prices = []
    close = math.exp(dice.uniform(-9, 9))
    drift = spread = 0.0
    until = outage = flat = 0
    for index in range(count):
        if index >= until:
            until = index + int(10 ** dice.uniform(1, 3.5))
            spread = 10 ** dice.uniform(-4, -2)
            drift = spread * dice.choice((0, 0, 0.3, 1, 2, -0.3, -1, -2))
        outage = outage - 1 if outage > 0 else int(10 ** dice.uniform(0, 2.5)) * (dice.random() < 0.0005)
        flat = flat - 1 if flat > 0 else int(10 ** dice.uniform(0, 2)) * (dice.random() < 0.002)
        if index and (outage or dice.random() < absent):
            if dice.random() < 0.1:
                rows.append((START + index * M5, close, close, close, close, 0.0))
            continue
        opened = close * (1 if flat else math.exp(dice.gauss(0, spread / 10)))
        close = opened * (1 if flat else math.exp(dice.gauss(drift, spread)))
        wick = 0 if flat else abs(dice.gauss(0, spread))
        high, low = max(opened, close) * (1 + wick), min(opened, close) / (1 + wick)
        rows.append((START + index * M5, opened, high, low, close, 1.0 + dice.random()))
    return rows


def check_equal(lines: list[str], rows: Prices) -> int:
    """Exactly the alerts of brute force, in order, with all they say; answers how many there were."""
    found = [json.loads(line) for line in lines]
    wanted = brute_force.alerts_in(rows)
    assert [(one["timeframe"], one["openTime"], one["label"]) for one in found] == [
        (one.timeframe, one.open_time, one.label) for one in wanted
    ]
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours["value"] == pytest.approx(theirs.value, rel=1e-9)
        assert ours["previousValue"] == pytest.approx(theirs.previous, rel=1e-9, abs=1e-7)
        assert ours["price"] == theirs.price
        assert ours["signal"] == (None if math.isnan(theirs.signal) else pytest.approx(theirs.signal, rel=1e-9))
        assert ours["stage"] == theirs.stage
        assert ours["bias"] == theirs.bias
        views = [(view["timeframe"], view["stage"]) for view in ours["timeframes"]]
        assert views == [(name, stage) for name, _, stage in theirs.views]
        for view, (_, value, _) in zip(ours["timeframes"], theirs.views, strict=True):
            assert view["value"] == (None if value is None else pytest.approx(value, rel=1e-9, abs=1e-7))
        assert ours["quality"]["candles"] == theirs.candles
        assert ours["quality"]["emptyRatio"] == pytest.approx(theirs.empty_ratio, abs=1e-12)
        assert ours["times"]["close"] == ours["closeTime"] <= ours["times"]["received"]
        assert ours["status"] == "fired"
    return len(found)


FILES = ["ETH_BTC", "LTC_BTC", "XLM_BTC", "XRP_ETH"]


@pytest.mark.parametrize("name", FILES)
def test_recorded_markets_raise_exactly_the_alerts_of_brute_force(
    livermore: Livermore, shared_data: Callable[[str], Path], name: str
) -> None:
    path = shared_data(f"candles/binance_{name}-5m.csv.gz")
    arguments = ("replay", path, "--exchange", "binance", "--symbol", name.replace("_", "-"), "--json")
    first = livermore(*arguments, PYTHONHASHSEED="1")
    second = livermore(*arguments, PYTHONHASHSEED="2")

    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == second.stdout, "twice the same bytes, however names are hashed"
    assert check_equal(first.stdout.splitlines(), brute_force.rows_in([path])) > 0 or name == "XRP_ETH"


@pytest.mark.parametrize(("seed", "absent"), [(1, 0.0), (2, 0.02), (3, 0.3)])
def test_wild_markets_raise_exactly_the_alerts_of_brute_force(
    livermore: Livermore, table: Callable[..., Path], seed: int, absent: float
) -> None:
    """Four months each, so that every timeframe has its 60 candles; split over two files."""
    rows = wild(seed, 36_000, absent)
    cut = len(rows) // 3
    paths = (table(rows[:cut], name="a.csv"), table(rows[cut:], name="b.csv.gz"))
    rows = [(int(row[0]), *row[1:]) for row in rows]
    outcome = livermore("replay", *paths, "--exchange", "coinbase", "--symbol", "ANY-USD", "--json")

    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert check_equal(outcome.stdout.splitlines(), rows) > 300
    labels = {(alert["timeframe"], alert["label"]) for alert in map(json.loads, outcome.stdout.splitlines())}
    assert {timeframe for timeframe, _ in labels} >= {"5m", "15m", "1h", "4h"}
    assert {label for _, label in labels} >= {
        "level_150", "level_200", "level_-150", "level_-200", "reversal_oversold", "reversal_overbought",
    }  # fmt: skip


@given(seed=st.integers(0, 2**32), count=st.integers(1, 2_500), absent=st.sampled_from([0.0, 0.05, 0.5]))
@settings(max_examples=15)
def test_any_market_raises_exactly_the_alerts_of_brute_force(seed: int, count: int, absent: float) -> None:
    rows = wild(seed, count, absent)
    listed = [Row(line, int(row[0]), *row[1:]) for line, row in enumerate(rows, start=2)]
    recording = Recording(COINBASE, "ANY-USD", tuple(candles_of(listed, "ANY-USD", Timeframe.M5)))

    check_equal([encode_alert(alert).decode() for alert in alerts_of(recording)], rows)


@pytest.fixture
def market(table: Callable[..., Path]) -> Path:
    return table(wild(1, 3_000, 0.02))


ARGUMENTS = ("--exchange", "coinbase", "--symbol", "BTC-USD")


def test_an_alert_has_the_shape_of_the_stream(livermore: Livermore, market: Path) -> None:
    alerts = [json.loads(line) for line in livermore("replay", market, *ARGUMENTS, "--json").stdout.splitlines()]

    assert alerts
    for alert in alerts:
        assert list(alert) == SHAPE
        assert [view["timeframe"] for view in alert["timeframes"]] == ["5m", "15m", "1h", "4h", "1d"]
        assert (alert["exchangeId"], alert["exchangeName"], alert["symbol"]) == (1, "coinbase", "BTC-USD")
    assert len({alert["id"] for alert in alerts}) == len(alerts)


def test_without_json_each_alert_is_a_line_and_the_summary_is_apart(livermore: Livermore, market: Path) -> None:
    alerts = livermore("replay", market, *ARGUMENTS, "--json").stdout.splitlines()

    outcome = livermore("replay", market, *ARGUMENTS)

    assert outcome.returncode == 0
    assert len(outcome.stdout.splitlines()) == len(alerts)
    assert all("BTC-USD" in line and "MACD-V" in line for line in outcome.stdout.splitlines())
    assert f"{len(alerts)} alerts" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_an_alert_has_its_colour_where_colours_are_wanted(livermore: Livermore, market: Path) -> None:
    assert "\x1b[" in livermore("replay", market, *ARGUMENTS, FORCE_COLOR="1", TERM="xterm-256color").stdout
    assert "\x1b[" not in livermore("replay", market, *ARGUMENTS).stdout


def test_a_market_without_alerts_says_so(livermore: Livermore, table: Callable[..., Path]) -> None:
    outcome = livermore("replay", table(wild(1, 10, 0)), *ARGUMENTS)

    assert (outcome.returncode, outcome.stdout) == (0, "")
    assert "10 candles" in outcome.stderr
    assert "0 alerts" in outcome.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--exchange", "mtgox", "--symbol", "BTC-USD"), "unknown exchange 'mtgox'"),
        (("--exchange", "coinbase", "--symbol", "btcusd"), "a symbol is BASE-QUOTE"),
        ((*ARGUMENTS, "--timeframe", "15m"), "only 5m candles can be replayed"),
        ((*ARGUMENTS, "--timeframe", "7m"), "unknown timeframe '7m'"),
    ],
)
def test_a_wrong_name_is_said_before_anything_is_read(
    livermore: Livermore, arguments: tuple[str, ...], reason: str
) -> None:
    outcome = livermore("replay", "no-such-file.csv", *arguments)

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("livermore: ")
    assert reason in outcome.stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"", "the file is empty"),
        (b"\x00\xff\xfe", "not a text file"),
        (b"1,2,3\n", "livermore: "),
    ],
)
def test_what_is_no_candles_at_all_is_not_cured_by_an_option(
    content: bytes | None, reason: str, livermore: Livermore, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    if content is not None:
        path.write_bytes(content)
    outcome = livermore("replay", path)

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert reason in outcome.stderr
    assert "Missing option" not in outcome.stderr


def test_candles_want_to_know_where_they_were_traded(livermore: Livermore, market: Path) -> None:
    assert "Missing option '--exchange'" in livermore("replay", market, "--symbol", "A-B").stderr
    assert "exclude each other" in livermore("replay", market, *ARGUMENTS, "--json", "--effects").stderr


def test_files_that_do_not_follow_each_other_are_refused(livermore: Livermore, table: Callable[..., Path]) -> None:
    rows = wild(1, 90, 0)
    early, late = table(rows[:50], name="early.csv"), table(rows[49:], name="late.csv")

    for second, order in ((late, (early, late)), (early, (late, early)), (early, (early, early))):
        outcome = livermore("replay", *order, *ARGUMENTS)
        assert (outcome.returncode, outcome.stdout) == (2, "")
        assert outcome.stderr.startswith(f"livermore: {second}:2: ")


def test_a_wrong_line_in_a_later_file_is_named(livermore: Livermore, table: Callable[..., Path]) -> None:
    rows = wild(1, 90, 0)
    broken = table([*rows[50:60], "x"], name="broken.csv")

    outcome = livermore("replay", table(rows[:50], name="early.csv"), broken, *ARGUMENTS)

    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith(f"livermore: {broken}:12: ")
