"""Signing in with Clerk, on a real server and in a real browser, with a stand-in for Clerk's own service.

The package of Clerk is the real one; what it loads from Clerk's address, and what answers there, is clerk_stand_in.py.
"""

import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from cache.conftest import server as valkey
from database.conftest import postgres
from database.server import Server
from livermore.app.database import database_variables
from livermore.app.redis_settings import redis_variables
from livermore.cache.connect import RedisSettings
from ui.clerk_stand_in import StandIn, certificate, standing_in
from ui.real_stack import SOURCE

__all__ = ["postgres", "valkey"]
pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("clerk")]
PATIENCE_MS = 60_000


@dataclass(frozen=True)
class Here:
    """Where the server of these tests is, and the Clerk that it trusts."""

    url: str
    clerk: StandIn

    def asked(self, method: str, path: str, body: bytes | None = None) -> Any:
        """What the API answers to the administrator."""
        token = self.clerk.token("ada", self.url)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/v1{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()


@pytest.fixture(scope="module")
def here(
    pictures: object, valkey: RedisSettings, postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Here]:
    """A server alone, without instances, whose issuer is the stand-in; `ada` is to be its administrator."""
    assert pictures
    folder = tmp_path_factory.mktemp("clerk")
    pem = certificate(folder)
    with standing_in(pem) as clerk:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("LIVERMORE_")}
        variables = {
            **redis_variables(valkey),
            **database_variables(postgres.settings("postgres")),
            "LIVERMORE_HTTP_PORT": "0",
            "LIVERMORE_OIDC_ISSUER": clerk.url,
            "LIVERMORE_CLERK_PUBLISHABLE_KEY": clerk.publishable_key,
            "LIVERMORE_ADMIN_EMAIL": "ada@example.org",
            "SSL_CERT_FILE": str(pem),
            "PYTHONPATH": str(SOURCE),
            "PYTHONUNBUFFERED": "1",
        }
        with running(folder, {**bare, **variables}) as url:
            yield Here(url, clerk)


@contextmanager
def running(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Where a server in a process of its own is, from its announcement on until left."""
    command = [sys.executable, "-m", "livermore"]
    subprocess.run([*command, "db", "apply"], cwd=folder, env=environment, check=True, capture_output=True, timeout=120)
    with (
        (folder / "errors").open("w") as errors,
        subprocess.Popen(
            [*command, "server"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert said.startswith("Livermore is at "), said + (folder / "errors").read_text()
            yield said.split()[-1]
        finally:
            process.terminate()
            process.wait(PATIENCE_MS / 1_000)


@pytest.fixture
def page(here: Here, browser: Browser) -> Iterator[Page]:
    """A page of a browser that believes the stand-in's certificate, and in which nobody is signed in."""
    expect.set_options(timeout=PATIENCE_MS)
    context = browser.new_context(ignore_https_errors=True, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    here.clerk.is_away, here.clerk.stale = False, 0
    here.clerk.handed_out.clear()
    yield context.new_page()
    context.close()


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Continue as {name}").click()


def expect_inside(page: Page, who: str) -> None:
    """Wait until the dashboard is there, and the one that it is shown to is `who`."""
    expect(page.get_by_role("heading", name="Dashboard", exact=True)).to_be_visible()
    page.get_by_role("button", name="Preferences").click()
    expect(page.get_by_text(who, exact=True)).to_be_visible()


def test_who_signs_in_with_clerk_is_entered_and_hears_the_stream_and_stays_signed_in(here: Here, page: Page) -> None:
    complaints: list[str] = []
    links: list[WebSocket] = []
    heard: list[object] = []

    def hear(link: WebSocket) -> None:
        links.append(link)
        link.on("framereceived", lambda frame: heard.append(frame))

    page.on("console", lambda message: complaints.append(message.text) if "Security Policy" in message.text else None)
    page.on("websocket", hear)
    page.goto(f"{here.url}/?from=outside")
    choose(page, "ada")
    expect_inside(page, "Ada Lovelace")

    assert '"role":"admin"' in here.asked("GET", "/users/me")
    assert f'"identityProvider":"{here.clerk.url}"' in here.asked("GET", "/users/me")
    while not heard:
        links[-1].wait_for_event("framereceived")
    page.reload()
    expect_inside(page, "Ada Lovelace")
    assert complaints == []


def test_a_token_that_the_server_refuses_is_asked_for_anew(here: Here, page: Page) -> None:
    page.goto(here.url)
    here.clerk.stale = 1
    choose(page, "ada")
    expect_inside(page, "Ada Lovelace")

    assert len(here.clerk.handed_out) >= 2


def test_who_signs_out_is_signed_out_at_clerk_and_meets_its_door_again(here: Here, page: Page) -> None:
    page.goto(here.url)
    choose(page, "ada")
    expect_inside(page, "Ada Lovelace")
    here.clerk.is_away = True
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are still signed in: Clerk does not answer")).to_be_visible()
    here.clerk.is_away = False
    # The page is loaded anew, so that nothing of hers is left in it.
    with page.expect_event("load"):
        page.get_by_role("button", name="Sign out").click()

    expect(page.get_by_role("button", name="Continue as ada")).to_be_visible()
    client = page.evaluate("localStorage.getItem('stand-in-client')")
    assert client not in here.clerk.signed_in


def test_a_session_that_ends_elsewhere_says_so_and_the_next_person_finds_nothing_of_it(here: Here, page: Page) -> None:
    page.goto(here.url)
    choose(page, "ada")
    expect_inside(page, "Ada Lovelace")
    page.evaluate("Clerk.signOut()")
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    page.evaluate("window.isTheSamePage = true")
    choose(page, "bob")
    expect_inside(page, "Bob Babbage")

    assert page.evaluate("window.isTheSamePage") is None


def test_who_was_deactivated_is_told_so_and_can_sign_in_as_somebody_else(here: Here, page: Page) -> None:
    page.goto(here.url)
    choose(page, "bob")
    expect_inside(page, "Bob Babbage")
    found = re.search(r'"id":"(\d+)","username":"[^"]*","email":"bob@example.org"', here.asked("GET", "/users"))
    assert found is not None
    here.asked("PATCH", f"/users/{found[1]}", b'{"isActive": false}')
    try:
        page.reload()
        expect(page.get_by_role("heading", name="You may not come in here")).to_be_visible()
        expect(page.get_by_text("your access has ended; ask an admin")).to_be_visible()
        expect(page.get_by_text("You are signed in at Clerk as bob@example.org.")).to_be_visible()
        page.get_by_role("button", name="Sign out at Clerk").click()
        expect(page.get_by_role("button", name="Continue as ada")).to_be_visible()
    finally:
        here.asked("PATCH", f"/users/{found[1]}", b'{"isActive": true}')


def test_where_clerk_is_out_of_order_that_is_said_and_can_be_tried_again(here: Here, page: Page) -> None:
    here.clerk.is_away = True
    page.goto(here.url)
    expect(page.get_by_role("heading", name="Clerk does not answer")).to_be_visible()
    here.clerk.is_away = False
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_role("button", name="Continue as ada")).to_be_visible()


def test_an_issuer_that_the_screens_do_not_know_is_named(here: Here, page: Page) -> None:
    shown = '{"version": "0.1.0", "time": 0, "signIn": "oidc", "issuers": ["https://id.example.org"], %s}'
    page.route("**/api/v1/server", lambda route: route.fulfill(body=shown % '"clerkPublishableKey": null'))
    page.goto(here.url)

    expect(page.get_by_role("heading", name="These screens cannot sign you in here")).to_be_visible()
    expect(page.get_by_text("https://id.example.org")).to_be_visible()
