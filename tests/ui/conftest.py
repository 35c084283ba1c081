"""The screens as they are built, in the browser that an npm package brings.

They show the made-up market of ui/src/testing, which has every mood, or a whole Livermore on the simulator.
"""

import importlib.util
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, ViewportSize, expect, sync_playwright

from ui.real_stack import Stack, running

ROOT = Path(__file__).resolve().parents[2]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
Scheme = Literal["dark", "light"]
# Of what a real stack may take on a machine that does other things meanwhile.
REAL_MS = 60_000
WARM_MS = 120_000


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def pictures() -> ModuleType:
    """The script that takes pictures: it knows the browser and how to serve the made-up market."""
    subprocess.run([ROOT / "scripts/ui", "build"], check=True)
    return _script("ui_screenshots")


@pytest.fixture(scope="session")
def browser(pictures: ModuleType) -> Iterator[Browser]:
    path, environment = pictures.chromium()
    with sync_playwright() as play:
        yield play.chromium.launch(executable_path=path, env=environment, args=["--no-sandbox", "--disable-gpu"])


Open = Callable[..., Page]


@pytest.fixture(scope="session")
def market(pictures: ModuleType) -> Iterator[Callable[[str], str]]:
    """Where the made-up market of a mood is served; each is started once."""
    with ExitStack() as stack:

        @cache
        def served(mood: str) -> str:
            command = [pictures.NODE, "src/testing/main.ts", "--port", "0", "--ui", "dist", "--mood", mood]
            line: str = stack.enter_context(pictures.served(command, "made-up market"))
            return line.split()[-1]

        yield served


@pytest.fixture
def opened(market: Callable[[str], str], browser: Browser) -> Iterator[Open]:
    """Open a path of the screens on a market of that mood."""
    expect.set_options(timeout=30_000)
    with ExitStack() as stack:

        def visit(path: str, *, mood: str = "well", size: ViewportSize = DESK, scheme: Scheme = "dark") -> Page:
            context = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="en-GB")
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(30_000)
            page.goto(market(mood) + path)
            return page

        yield visit


@pytest.fixture(scope="session")
def stack(pictures: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole Livermore on the simulator, which all tests of the real stack share."""
    with running(tmp_path_factory.mktemp("stack")) as run:
        yield run


@pytest.fixture(scope="session")
def admin(stack: Stack, browser: Browser) -> StorageState:
    """What keeps a browser signed in that went through the printed link, once every exchange is live."""
    expect.set_options(timeout=REAL_MS)
    with a_context(browser, None) as context:
        page = context.new_page()
        page.goto(stack.link)
        live = page.get_by_role("list", name="Exchanges").get_by_text(re.compile(": Live$"))
        expect(live).to_have_count(3, timeout=WARM_MS)
        assert "token" not in page.url
        return context.storage_state()


def settled(page: Page, heading: str) -> None:
    """Wait until the page has its heading and nothing of it is being fetched."""
    expect(page.get_by_role("heading", name=heading, exact=True).first).to_be_visible()
    expect(page.get_by_label("Loading")).to_have_count(0)


@contextmanager
def a_context(
    browser: Browser, state: StorageState | None, size: ViewportSize = DESK, scheme: Scheme = "dark"
) -> Iterator[BrowserContext]:
    """A browser of its own for somebody; with no state nobody is signed in."""
    context = browser.new_context(
        viewport=size, color_scheme=scheme, reduced_motion="reduce", locale="en-GB", storage_state=state
    )
    context.set_default_timeout(REAL_MS)
    try:
        yield context
    finally:
        context.close()


@pytest.fixture
def signed_in(stack: Stack, browser: Browser, admin: StorageState) -> Iterator[Open]:
    """Open a path of the real screens as the admin, each time in a browser of its own."""
    expect.set_options(timeout=REAL_MS)
    with ExitStack() as opened_:

        def visit(path: str, *, size: ViewportSize = DESK, scheme: Scheme = "dark") -> Page:
            page = opened_.enter_context(a_context(browser, admin, size, scheme)).new_page()
            page.goto(stack.url + path)
            return page

        yield visit
