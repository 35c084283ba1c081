"""What an engine with 1,000 symbols on five timeframes weighs, in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

ROOT = Path(__file__).resolve().parents[1]
# The symbols come one by one, as a warm-up brings them, so that nothing but the engine holds their history at the end.
WEIGH = """
from pathlib import Path
from bench.bench_boundary import ON_COINBASE, RULES
from bench.midnight import SYMBOLS, restored
from livermore.core.engine import Engine
from livermore.core.market.exchange import COINBASE
from livermore.core.symbol import WatchedSymbol
from livermore.core.watch import Watch

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

before = resident()
engine = Engine(Watch(COINBASE, ON_COINBASE, RULES, is_simulated=True), ())
for symbol in SYMBOLS:
    engine.symbols[symbol] = WatchedSymbol(symbol, tuple(restored((symbol,))))
print(before, resident())
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell a process its weight")
def test_resident_memory(benchmark: BenchmarkFixture, row: Callable[[str, str], None]) -> None:
    def weigh() -> tuple[int, int]:
        done = subprocess.run([sys.executable, "-c", WEIGH], cwd=ROOT, check=True, capture_output=True, text=True)
        before, after = done.stdout.split()
        return int(before), int(after)

    before, after = benchmark.pedantic(weigh, rounds=1)
    megabytes = round(after / 2**20)
    benchmark.extra_info["resident_mb"] = megabytes
    row(
        "memory, 1,000 × 5 series", f"{megabytes} MB resident, of which {before / 2**20:.0f} MB before the first symbol"
    )
    assert after > before
