"""Fault scripts: what is possible comes out as it went in, and what is impossible is told with its entry and why."""

from pathlib import Path

import aiohttp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livermore.errors import ConfigError, InvalidRequest
from livermore.sim.faults.fault import KINDS, Disconnect, RestError, Stall
from livermore.sim.faults.plan import Shift, Window, falls, offset_at, window_of
from livermore.sim.faults.random_day import random_faults
from livermore.sim.faults.script import faults_of, read_script, written
from livermore.sim.server import SimServer, serve
from sim.conftest import START, settings_of

EXCHANGES = ("coinbase", "binance", "binance_us")
KNOWN = {"coinbase": {"BTC-USD"}, "binance": {"BTC-USDT"}, "binance_us": {"BTC-USDT"}}


@given(st.integers(0, 10_000), st.floats(1_000, 50_000))
def test_a_random_day_is_possible_always_the_same_and_survives_being_written(seed: int, duration: float) -> None:
    faults = random_faults(seed, duration, EXCHANGES)

    assert faults == random_faults(seed, duration, EXCHANGES)
    assert faults_of([written(fault) for fault in faults], KNOWN) == faults
    assert all(fault.start < duration for fault in faults)


def test_a_random_day_has_every_kind_and_another_seed_is_another_day() -> None:
    faults = random_faults(1, 86_400, EXCHANGES)

    assert {type(fault) for fault in faults if fault.exchange == "binance"} == set(KINDS.values())
    assert faults != random_faults(2, 86_400, EXCHANGES)


@given(st.integers(0, 1 << 32), st.floats(0.05, 0.95))
def test_the_probability_is_honoured_and_the_seed_decides(seed: int, probability: float) -> None:
    fault = Stall(probability=probability, seed=seed)
    falling = [falls(fault, number) for number in range(600)]

    assert falling == [falls(fault, number) for number in range(600)]
    assert abs(sum(falling) / 600 - probability) < 0.12


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(-(10**6), 10**6)), max_size=5))
def test_a_clock_under_any_offsets_never_goes_back(told: list[tuple[int, int, int]]) -> None:
    shifts = tuple(Shift(Window(start, start + length), offset) for start, length, offset in told)
    times = [now + offset_at(shifts, now) for now in range(0, 9_000_000, 37_777)]

    assert times == sorted(times)
    assert offset_at(shifts, 2 * 10**6 + 3 * 10**7) == 0


def test_a_start_counts_from_the_beginning_or_is_an_instant_or_is_now() -> None:
    now = START + 50_000

    assert window_of(Stall(start=10, duration=5), START, now) == Window(START + 10_000, START + 15_000)
    assert window_of(Stall(start=float(START + 7), duration=1), START, now).starts_at == START + 7
    assert window_of(Stall(), START, now).starts_at == now
    assert window_of(Disconnect(), START, now) == Window(now, now)


def test_a_script_is_read(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        '[[fault]]\nkind="disconnect"\nexchange="binance"\nstart=60\nduration=5\ncode=1001\n'
        '[[fault]]\nkind="rest_error"\nsymbols=["BTC-USD"]\nstatus=429\n'
    )

    first, second = read_script(path, KNOWN)

    assert first == Disconnect(exchange="binance", start=60, duration=5, code=1001)
    assert second == RestError(symbols=("BTC-USD",), status=429)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('kind="dance"', "unknown kind 'dance'; known are disconnect"),
        ("start=1", "unknown kind None"),
        ('kind="stall"\nexchange="kraken"', "unknown exchange 'kraken'; known are coinbase"),
        ('kind="stall"\nstart=-1', "start is -1"),
        ('kind="stall"\nduration=0', "duration is 0"),
        ('kind="stall"\nprobability=1.5', "probability is 1.5"),
        ('kind="stall"\nprobability=0', "probability is 0"),
        ('kind="stall"\nprobability=nan', "must be finite"),
        ('kind="stall"\nsymbols=["BTC-USD"]', "stall has no symbols; it has duration"),
        ('kind="stall"\nstart="soon"', "Expected `float"),
        ('kind="duplicate"\nexchange="binance"\nsymbols=["BTC-USD"]', "not listed on binance: BTC-USD"),
        ('kind="duplicate"\nsymbols=["NO-USD"]', "not listed anywhere: NO-USD"),
        ('kind="disconnect"\ncode=1005', "code is 1005"),
        ('kind="rotation"\nlifetime=10\nnotice=20', "notice is 20"),
        ('kind="late_close"\nexchange="coinbase"', "Coinbase never says that a candle has closed"),
        ('kind="late_close"\ndelay=0', "delay is 0"),
        ('kind="rest_error"\nstatus=200', "status is 200"),
        ('kind="rest_error"\nstatus=418\nexchange="coinbase"', "Coinbase does not answer with 418"),
        ('kind="rest_error"\nstatus=429\nhtml=true', "only a 5xx"),
        ('kind="truncated_body"\npart=1', "part is 1"),
        ('kind="malformed"\nhow="ugly"', "Invalid enum value 'ugly'"),
        ('kind="reorder"\nbehind=0', "behind is 0"),
        ('kind="revision"\nby=0.9', "by is 0.9"),
        ('kind="clock_offset"\noffset=0', "offset is 0"),
        ('kind="silent_symbol"', "a silent symbol needs symbols"),
    ],
)
def test_an_impossible_entry_is_named_with_its_line_and_the_reason(tmp_path: Path, entry: str, why: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(f'[[fault]]\nkind="stall"\nduration=1\n\n[[fault]]\n{entry}\n')

    with pytest.raises(ConfigError) as caught:
        read_script(path, KNOWN)
    assert f"{path} is impossible: fault 2 (line 5)" in str(caught.value)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[[fault", "fault=3", '[[faults]]\nkind="stall"', "x=1\n[[fault]]\nkind='stall'"])
def test_what_is_no_script_is_refused_with_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"bad\.toml"):
        read_script(path, KNOWN)
    with pytest.raises(ConfigError, match=r"none\.toml cannot be read"):
        read_script(tmp_path / "none.toml", KNOWN)


def test_every_bad_entry_is_told_at_once() -> None:
    with pytest.raises(InvalidRequest, match=r"fault 1: .*dance.*; fault 3: not a table"):
        faults_of([{"kind": "dance"}, {"kind": "stall"}, 7], KNOWN)


async def test_a_simulator_does_not_start_with_an_impossible_script(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('[[fault]]\nkind="duplicate"\nsymbols=["NOPE-USD"]\n')

    with pytest.raises(ConfigError, match=r"fault 1 \(line 1\), duplicate: not listed anywhere: NOPE-USD"):
        async with serve(settings_of(script=path)):
            pass


async def test_a_script_and_a_random_day_are_on_the_board_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "day.toml"
    path.write_text('[[fault]]\nkind="stall"\nstart=9000\nduration=5\n')
    async with serve(settings_of(script=path, chaos=5)) as sim:
        listing = sim.faults.listing()

    assert listing[0]["kind"] == "stall"
    assert listing[0]["startsAt"] == START + 9_000_000
    assert listing[0]["state"] == "waiting"
    assert len(listing) == 1 + len(random_faults(5, 86_400, EXCHANGES))


async def test_faults_are_posted_listed_with_their_hits_and_cleared(
    sim: SimServer, http: aiohttp.ClientSession
) -> None:
    url = sim.urls["binance"].rest
    body = {"kind": "rest_error", "exchange": "binance", "status": 503}
    async with http.post(f"{url}/_sim/faults", data=msgspec.json.encode(body)) as response:
        assert response.status == 201
        posted = (await response.json())["faults"]
    for expected in (503, 503):
        async with http.get(f"{url}/api/v3/ping") as response:
            assert response.status == expected
    async with http.get(sim.urls["coinbase"].rest + "/_sim/faults") as response:
        listed = (await response.json())["faults"]
    async with http.delete(f"{url}/_sim/faults") as response:
        assert (await response.json())["faults"] == []
    async with http.get(f"{url}/api/v3/ping") as response:
        assert response.status == 200

    assert [(one["id"], one["state"], one["hits"]) for one in posted] == [(1, "acting", 0)]
    assert [(one["id"], one["state"], one["hits"], one["endsAt"]) for one in listed] == [(1, "acting", 2, None)]


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"kind":"dance"}', '[{"kind":"stall","duration":-1}]'])
async def test_a_bad_post_is_refused_and_changes_nothing(
    sim: SimServer, http: aiohttp.ClientSession, body: str
) -> None:
    async with http.post(sim.urls["coinbase"].rest + "/_sim/faults", data=body) as response:
        assert response.status == 400
        assert (await response.json())["error"]
    assert sim.faults.listing() == []
