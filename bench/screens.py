"""How the screens bear a thousand live symbols: long tasks while one scrolls and filters, paints, and memory.

``python -m bench.screens [--symbols 1000] [--minutes 1] [--alert-every 4]`` shows the built screens on the made-up
market of ui/src/testing in the browser of the tests, and prints a table. A long task keeps the browser busy for 50 ms
or more. What is alive after a collection is read twenty times, evenly.
"""

import argparse
import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from playwright.sync_api import Page, sync_playwright

ROOT: Final = Path(__file__).resolve().parent.parent
WATCH: Final = """
window.__seen = { long: [], paint: {}, lcp: 0, shift: 0 };
const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take))
  .observe({ type, buffered: true });
watch("longtask", (entry) => window.__seen.long.push(Math.round(entry.duration)));
watch("paint", (entry) => { window.__seen.paint[entry.name] = Math.round(entry.startTime); });
watch("largest-contentful-paint", (entry) => { window.__seen.lcp = Math.round(entry.startTime); });
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) window.__seen.shift += entry.value; });
"""
HEAPS: Final = 20
FILTERS: Final = ("A", "AB", "", "S", "")


def _screenshots() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ui_screenshots", ROOT / "scripts/ui_screenshots.py")
    if spec is None or spec.loader is None:
        raise SystemExit("scripts/ui_screenshots.py is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def use(page: Page) -> list[int]:
    """Scroll the matrix to its end and back, and filter it; the long tasks that this cost, in ms."""
    page.evaluate("window.__seen.long = []")
    page.mouse.move(700, 500)
    for delta in (*[600] * 60, *[-600] * 60):
        page.mouse.wheel(0, delta)
        page.wait_for_timeout(16)
    field = page.get_by_role("searchbox").or_(page.get_by_placeholder("Find a symbol")).first
    for text in FILTERS:
        field.fill(text)
        page.wait_for_timeout(200)
    found: list[int] = page.evaluate("window.__seen.long")
    return found


def heap(page: Page) -> float:
    """The megabytes of JavaScript that are alive after a collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: dict[str, Any] = session.send("Runtime.getHeapUsage")
    session.detach()
    return float(used["usedSize"]) / 2**20


def measure(url: str, browser: Any, minutes: float) -> None:
    """Open Signals, use it, leave it open, and print what that cost."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(WATCH)
    page.goto(f"{url}/signals")
    page.get_by_role("row").nth(5).wait_for(timeout=60_000)
    page.wait_for_timeout(3_000)
    loading: dict[str, Any] = page.evaluate("window.__seen")
    used = use(page)
    first, ends_at, heaps = heap(page), time.monotonic() + 60 * minutes, list[float]()
    while time.monotonic() < ends_at:
        page.wait_for_timeout(60_000 * minutes / HEAPS)
        heaps.append(heap(page))
    idle = page.evaluate("window.__seen.long")[len(used) :]
    rows = (
        ("first paint, largest paint", f"{loading['paint'].get('first-contentful-paint')} and {loading['lcp']} ms"),
        ("layout shift", f"{loading['shift']:.3f}"),
        ("blocked while loading", f"{sum(one - 50 for one in loading['long'])} ms beyond 50 ms each"),
        ("long tasks in 120 turns of the wheel and 5 filters", f"{len(used)}, longest {max(used, default=0)} ms"),
        ("long tasks while it is left alone", f"{len(idle)}, longest {max(idle, default=0)} ms"),
        ("heap", " ".join(f"{one:.1f}" for one in (first, *heaps)) + " MB"),
    )
    for name, found in rows:
        sys.stdout.write(f"| {name} | {found} |\n")


def main() -> int:
    """Do as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--alert-every", type=float, default=4.0, help="seconds")
    asked = parser.parse_args()
    pictures = _screenshots()
    path, environment = pictures.chromium()
    market = [pictures.NODE, "src/testing/main.ts", "--port", "0", "--ui", "dist"]
    command = [*market, "--symbols", str(asked.symbols), "--alert-every", str(int(1_000 * asked.alert_every))]
    with sync_playwright() as play, pictures.served(command, "made-up market") as line:
        browser = play.chromium.launch(executable_path=path, env=environment, args=["--no-sandbox", "--disable-gpu"])
        measure(line.split()[-1], browser, asked.minutes)
    return 0


if __name__ == "__main__":
    sys.exit(main())
