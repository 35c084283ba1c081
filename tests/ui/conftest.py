"""The screens as they are built, on the made-up market of ui/src/testing, in the browser that an npm package brings."""

import importlib.util
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


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


@pytest.fixture
def opened(pictures: ModuleType, browser: Browser) -> Iterator[Open]:
    """Open a path of the screens on a market of that mood."""
    with ExitStack() as stack:

        def visit(path: str, *, mood: str = "well", size: dict[str, int] = DESK, role: str = "admin") -> Page:
            command = [pictures.NODE, "src/testing/main.ts", "--port", "0", "--ui", "dist"]
            command += ["--mood", mood, "--role", role]
            url = stack.enter_context(pictures.served(command, "made-up market")).split()[-1]
            context = browser.new_context(viewport=size, reduced_motion="reduce", locale="en-GB")
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(30_000)
            page.goto(url + path)
            return page

        yield visit
