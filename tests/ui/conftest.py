"""The screens as they are built, on the made-up market of ui/src/testing, in the browser that an npm package brings."""

import importlib.util
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
Scheme = Literal["dark", "light"]


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
