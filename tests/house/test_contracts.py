"""The import contracts of pyproject.toml hold here, and each breaks on the sin it is there for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = ROOT / "pyproject.toml"
PACKAGES: tuple[str, ...] = (
    "",
    "api",
    "cache",
    "core",
    "core/alerts",
    "core/indicators",
    "core/market",
    "embedded",
    "exchanges",
)
PACKAGES += ("exchanges/binance", "exchanges/coinbase", "runtime", "sim", "cli", "core/account", "core/instance")
MODULES: tuple[str, ...] = (
    "errors",
    "app",
    "core/engine",
    "core/messages",
    "core/restored",
    "core/snapshot",
    "core/market/candle",
)
MODULES += ("runtime/ports", "runtime/session", "runtime/fetcher", "cache/keys", "api/routes", "exchanges/registry")

SINS = {
    "rings": {
        "a store that knows the runtime": ("cache/keys", "import livermore.runtime.ports"),
        "an inner ring that looks out": ("errors", "import livermore.core.messages"),
        "a runtime that knows an adapter": ("runtime/session", "import livermore.exchanges.coinbase"),
        "a room that nobody argued for": ("tools", ""),
    },
    "window": {"a screen that moves the machine": ("api/routes", "import livermore.runtime.session")},
    "core": {
        "an event loop in core": ("core/engine", "import asyncio"),
        "a third party in core": ("core/messages", "import msgspec"),
    },
    "core-nouns": {"a candle that knows its alerts": ("core/market/candle", "import livermore.core.alerts")},
    "core-people": {"a process that knows people": ("core/instance/state", "import livermore.core.account")},
    "runtime": {"a port that knows its user": ("runtime/ports", "import livermore.runtime.session")},
    "exchanges": {
        "exchanges that know each other": ("exchanges/coinbase/wire", "import livermore.exchanges.binance"),
        "an exchange that knows the registry": ("exchanges/binance/wire", "import livermore.exchanges.registry"),
    },
    "simulator": {"a simulator that decodes with ours": ("sim/candles", "import livermore.exchanges.coinbase")},
}


def build_house(folder: Path) -> Path:
    """A house of empty rooms under the contracts of the real one."""
    (folder / "pyproject.toml").write_text(PYPROJECT.read_text())
    package = folder / "livermore"
    for name in PACKAGES:
        (package / name).mkdir(parents=True, exist_ok=True)
        (package / name / "__init__.py").touch()
    for name in MODULES:
        (package / f"{name}.py").touch()
    return package


def broken_contract(folder: Path, *contracts: str) -> str:
    """What import-linter says of these contracts (all, when none is named), or nothing when they are kept."""
    code = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    chosen = [part for contract in contracts for part in ("--contract", contract)]
    done = subprocess.run(
        [sys.executable, "-c", code, "--config", str(PYPROJECT), "--no-cache", *chosen],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    return done.stdout if done.returncode else ""


def test_the_house_keeps_its_contracts() -> None:
    assert not broken_contract(ROOT / "src")


def test_empty_rooms_keep_the_contracts(tmp_path: Path) -> None:
    build_house(tmp_path)

    assert not broken_contract(tmp_path)


@pytest.mark.parametrize(
    ("contract", "module", "sin"),
    [
        pytest.param(contract, *sin, id=f"{contract}: {name}")
        for contract, sins in SINS.items()
        for name, sin in sins.items()
    ],
)
def test_a_sin_breaks_its_contract(tmp_path: Path, contract: str, module: str, sin: str) -> None:
    (build_house(tmp_path) / f"{module}.py").write_text(sin)

    assert broken_contract(tmp_path, contract)


def test_every_contract_is_shown_to_bite() -> None:
    declared = [line for line in PYPROJECT.read_text().splitlines() if line.startswith("id = ")]
    assert declared == [f'id = "{contract}"' for contract in SINS]
