"""What `livermore up` refuses, it refuses in plain words, before anything is started."""

from pathlib import Path

import pytest

from livermore.app.own_market import SYMBOLS, symbols_of_market
from livermore.cli.live import sim, up
from livermore.errors import ConfigError, InvalidRequest, UnknownExchange
from livermore.sim.state import SimState, write_state


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"live": ""}, "--live names no exchange; known are coinbase, binance, binance_us"),
        ({"live": " , "}, "--live names no exchange"),
        ({"live": "coinbse"}, "did you mean coinbase?"),
        ({"live": "coinbase", "speed": 60.0}, "--speed is for simulated exchanges"),
        ({"live": "coinbase", "simulated": True}, "exclude each other"),
        ({"speed": 0.0}, "--speed is more than 0 and at most 10,000, not 0"),
        ({"speed": 10_001.0}, "--speed is more than 0 and at most 10,000"),
        ({"speed": float("nan")}, "--speed is more than 0"),
    ],
)
def test_wrong_use_is_refused(
    options: dict[str, object], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises((InvalidRequest, UnknownExchange)) as refusal:
        up(**options)  # type: ignore[arg-type]

    assert reason in str(refusal.value)
    assert not (tmp_path / ".livermore").exists()


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "LIVERMORE_CLERK_WEBHOOK_SECRET"])
def test_what_the_server_could_not_go_by_is_refused_before_all_else_starts(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, "nonsense")

    with pytest.raises(ConfigError, match=name):
        up()

    assert not (tmp_path / ".livermore").exists()


def test_the_simulator_alone_minds_its_speed_too() -> None:
    with pytest.raises(InvalidRequest, match="--speed is more than 0"):
        sim(speed=-1.0)


def test_a_market_keeps_its_number_of_symbols_and_another_one_is_refused_with_the_cure(tmp_path: Path) -> None:
    assert symbols_of_market(None, tmp_path) == SYMBOLS
    assert symbols_of_market(9, tmp_path) == 9
    write_state(tmp_path / "sim.json", SimState(7, 6, (), 1_769_093_700_000, 1_769_093_700_000))

    assert symbols_of_market(None, tmp_path) == symbols_of_market(6, tmp_path) == 6
    with pytest.raises(ConfigError, match=rf"`livermore up --symbols 6`, or remove {tmp_path}"):
        symbols_of_market(9, tmp_path)
