"""Recorded candles are played as they are; a bad row is named by file and line."""

import gzip
from pathlib import Path

import pytest

from livermore.core.market.timeframe import Timeframe
from livermore.errors import ConfigError
from livermore.sim.replay import HISTORY_BUCKETS, read_recordings, replay_start
from livermore.sim.server import market_of
from livermore.sim.settings import SimSettings
from livermore.sim.tape import BUCKET

FIRST = 1_795_305_600_000
RECORDED = Path(__file__).parents[3] / "shared" / "data" / "candles"


def a_file(folder: Path, *rows: str, name: str = "ETH-USD-5m.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(("timestamp,open,high,low,close,volume", *rows)))
    return path


def row(number: int, close: float = 101.5) -> str:
    return f"{FIRST + number * BUCKET},100,102.25,99,{close},12.5"


def test_candles_are_played_as_recorded_and_holes_are_empty(tmp_path: Path) -> None:
    path = a_file(tmp_path, row(0), row(1, close=99.5), row(4))
    recordings = read_recordings([path])
    market = market_of(SimSettings(replay=(path,)), "binance", recordings)
    end = FIRST + 5 * BUCKET
    rows = market.rows(market.listed[0], Timeframe.M5, FIRST, end, end)

    assert market.listed[0].product == "ETHUSD"
    assert [bool(one.trades) for one in rows] == [True, True, False, False, True]
    assert (rows[1].open, rows[1].high, rows[1].low, rows[1].close) == (10_000, 10_225, 9_900, 9_950)
    assert rows[1].volume == 1_250_000_000


def test_seconds_gzip_and_no_heading_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "binance_ETH_BTC-5m.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write(f"{FIRST // 1000},1,2,0.5,1.5\n")

    recording = read_recordings([path])[0]

    assert recording.symbol == "ETH-BTC"
    assert recording.tape.start == FIRST // BUCKET
    assert recording.listed_on("coinbase").product == "ETH-BTC"


@pytest.mark.parametrize(
    "bad",
    [
        "x,1,2,0.5,1.5,1",
        f"{FIRST},1,2,0.5",
        f"{FIRST},1,2,1.5,1.5,1",
        f"{FIRST},1,nan,0.5,1.5,1",
        f"{FIRST},1,2,0.5,1.5,-1",
        f"{FIRST + 1000},1,2,0.5,1.5,1",
        f"{FIRST - BUCKET},1,2,0.5,1.5,1",
        f"{FIRST},1,2,0,1.5,1",
        "inf,1,2,0.5,1.5,1",
        "",
    ],
)
def test_a_bad_row_is_named_by_file_and_line(tmp_path: Path, bad: str) -> None:
    path = a_file(tmp_path, row(0), bad, row(2))

    with pytest.raises(ConfigError, match=r"ETH-USD-5m\.csv, line 3"):
        read_recordings([path])


def test_a_file_that_is_not_there_or_not_gzip_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "ETH_USD-5m.csv.gz"
    broken.write_text("no gzip")

    for path in (tmp_path / "BTC_USD-5m.csv", broken):
        with pytest.raises(ConfigError, match="cannot be read"):
            read_recordings([path])


def test_a_name_that_tells_no_symbol_and_a_symbol_twice_are_refused(tmp_path: Path) -> None:
    one, other = a_file(tmp_path, row(0)), a_file(tmp_path, row(0), name="binance_ETH_USD-5m.csv")

    with pytest.raises(ConfigError, match="named after its symbol"):
        read_recordings([a_file(tmp_path, row(0), name="candles.csv")])
    with pytest.raises(ConfigError, match="more than one"):
        read_recordings([one, other])


@pytest.mark.parametrize(("count", "history"), [(1000, HISTORY_BUCKETS), (100, 50)])
def test_time_starts_with_history_behind_it(tmp_path: Path, count: int, history: int) -> None:
    path = a_file(tmp_path, *(row(number) for number in range(count)))

    assert replay_start(read_recordings([path])) == FIRST + history * BUCKET


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded candles are not at hand (../shared/data/candles)")
@pytest.mark.parametrize("name", ["ETH_BTC", "XRP_ETH"])
def test_a_real_recording_is_played_exactly(name: str) -> None:
    path = RECORDED / f"binance_{name}-5m.csv.gz"
    with gzip.open(path, "rt") as file:
        lines = [line.strip().split(",") for line in file][1:]
    recordings = read_recordings([path])
    market = market_of(SimSettings(replay=(path,)), "coinbase", recordings)
    listed = market.listed[0]
    end = recordings[0].tape.end * BUCKET
    rows = {one.opened_at: one for one in market.rows(listed, Timeframe.M5, 0, end, end) if one.trades}

    assert len(rows) == sum(float(line[5]) > 0 for line in lines)
    for line in lines:
        if float(line[5]) > 0:
            one = rows[int(float(line[0]))]
            prices = [value / 10**listed.price_decimals for value in (one.open, one.high, one.low, one.close)]
            assert prices == pytest.approx([float(text) for text in line[1:5]], abs=1e-9)
            assert one.volume / 10**listed.size_decimals == pytest.approx(float(line[5]), abs=1e-6)
