"""Who may come in, what they may do, and that everybody can use every page, on the real stack.

Meanwhile an instance dies, which takes its time: of that, too, the pages tell so that everybody can read it.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, Route, StorageState, expect

from ui.axe import grave
from ui.conftest import Open, a_context, settled
from ui.real_stack import Stack

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("real-stack")]
# As a page would: what nobody offers a button for is asked of the server itself.
ASK = """
async ([method, path, body]) => {
  const granted = await (await fetch("/api/v1/auth/refresh", { method: "POST" })).json();
  const answer = await fetch(path, {
    method,
    headers: { authorization: `Bearer ${granted.accessToken}`, "content-type": "application/json" },
    body: body === null ? undefined : JSON.stringify(body),
  });
  return [answer.status, await answer.text()];
}
"""
DEEDS = [
    ("POST", "/api/v1/exchanges/coinbase/commands", {"type": "stop", "payload": {}}),
    ("GET", "/api/v1/exchanges/coinbase/commands", None),
    ("POST", "/api/v1/exchanges/coinbase/symbols", {"symbol": "USDT-USD", "tier": 1}),
    ("GET", "/api/v1/users", None),
    ("POST", "/api/v1/auth/links", {"email": "mallory@example.org"}),
    ("GET", "/api/v1/keys", None),
]
# Each page with something that is there only when it has been filled.
PAGES = {
    "/": "Newest alerts",
    "/signals": "Alerts",
    "/alerts": "Alerts",
    "/alerts?told=all": "Deliveries",
    "/chart/coinbase/ETH-USD?tf=5m": "Alerts of ETH-USD",
    "/network": "Activity",
    "/control": "Commands",
    "/symbols": "Symbols",
    "/symbols?panel=import": "Import a list of symbols",
    "/symbols?panel=add": "Add a symbol",
    "/logs": "Logs",
    "/exchanges": "Exchanges",
    "/portfolio": "Holdings",
    "/people": "Users",
    "/people?tab=keys": "API keys",
    "/settings": "Alerts",
}
Enter = Callable[[str], Page]


@pytest.fixture(scope="module", autouse=True)
def orphan(stack: Stack, admin: StorageState) -> Iterator[Callable[[], None]]:
    """Kill the instance of Binance US while its supervisor stands still; the function lets the supervisor go on."""
    assert admin
    with ExitStack() as halted:
        halted.enter_context(stack.halted(""))
        stack.kill("instance binance_us ")
        yield halted.close


@pytest.fixture
def visitor(stack: Stack, browser: Browser, signed_in: Open) -> Iterator[Enter]:
    """Let somebody in by a link that the admin makes on the page of users, and give their page."""
    expect.set_options(timeout=60_000)
    with ExitStack() as opened:

        def enter(email: str) -> Page:
            page = signed_in("/people")
            page.get_by_role("button", name="Let somebody in").click()
            dialog = page.get_by_role("dialog", name="Let somebody in")
            dialog.get_by_role("textbox").fill(email)
            dialog.get_by_role("button", name="Make a link").click()
            link = dialog.locator("code").inner_text()
            guest = opened.enter_context(a_context(browser, None)).new_page()
            guest.goto(link)
            expect(guest.get_by_role("navigation", name="Pages").first).to_be_visible()
            return guest

        yield enter


def given(people: Page, email: str, role: str) -> None:
    """Give somebody a role on the page of users."""
    people.get_by_label(f"Role of {email}").select_option(role)
    expect(people.get_by_text(re.compile(f"{email} is .+ now")).first).to_be_visible()


def test_the_printed_link_works_once(stack: Stack, browser: Browser) -> None:
    with a_context(browser, None) as context:
        page = context.new_page()
        page.goto(stack.link)
        expect(page.get_by_role("heading", name="This link has been used or is too old")).to_be_visible()


def test_a_subscriber_sees_no_deed_and_the_server_refuses_each(signed_in: Open, visitor: Enter) -> None:
    guest = visitor("viewer@example.org")
    people = signed_in("/people")
    given(people, "viewer@example.org", "subscriber_basic")
    guest.reload()
    expect(guest.get_by_role("link", name="Symbols").first).to_be_visible()
    for name in ("Control", "Logs", "Users & keys"):
        expect(guest.get_by_role("link", name=name, exact=True)).to_have_count(0)
    guest.goto(guest.url.split("#")[0] + "control")
    expect(guest.get_by_text("Your role does not show this")).to_be_visible()
    guest.get_by_role("link", name="Symbols").first.click()
    expect(guest.get_by_role("heading", name="Symbols")).to_be_visible()
    expect(guest.get_by_label("Loading")).to_have_count(0)

    for name in ("Add", "Import", re.compile("^Stop watching")):
        expect(guest.get_by_role("button", name=name)).to_have_count(0)
    assert {(path, guest.evaluate(ASK, [method, path, body])[0]) for method, path, body in DEEDS} == {
        (path, 403) for _, path, _ in DEEDS
    }


def test_whoever_loses_their_role_is_told_at_once(signed_in: Open, visitor: Enter) -> None:
    guest = visitor("second@example.org")
    people = signed_in("/people")
    given(people, "second@example.org", "admin")
    guest.reload()
    guest.goto(guest.url.split("#")[0] + "control")
    expect(guest.get_by_role("group", name="Life of the instance")).to_be_visible()
    given(people, "second@example.org", "user")

    expect(guest.get_by_text("Your role does not show this")).to_be_visible()
    expect(guest.get_by_role("group", name="Life of the instance")).to_have_count(0)


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_serious_in_dark_and_light(signed_in: Open, path: str) -> None:
    page = signed_in(path)
    settled(page, PAGES[path])
    dark = grave(page)
    page.emulate_media(color_scheme="light")

    assert dark == []
    assert grave(page) == []


def test_whoever_is_deactivated_is_shown_out(signed_in: Open, visitor: Enter) -> None:
    guest = visitor("third@example.org")
    expect(guest.get_by_text("Everything is live").or_(guest.get_by_text("Open problems")).first).to_be_visible()
    people = signed_in("/people")
    people.get_by_role("row").filter(has_text="third@example.org").get_by_role("button", name="Deactivate").click()

    expect(guest.get_by_role("heading", name=re.compile("access has ended|session has ended"))).to_be_visible()


def test_a_session_that_has_expired_says_so(signed_in: Open) -> None:
    page = signed_in("/")
    page.clock.install()
    page.reload()
    expect(page.get_by_role("navigation", name="Pages").first).to_be_visible()
    page.context.clear_cookies()
    page.clock.fast_forward("15:00")

    expect(page.get_by_role("heading", name="Your session has ended")).to_be_visible()


def test_screens_of_another_version_than_the_server_say_so(signed_in: Open) -> None:
    page = signed_in("/")

    def renamed(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "x-livermore-version": "9.9.9"})

    page.route("**/api/v1/**", renamed)
    page.get_by_role("link", name="Settings").first.click()

    expect(page.get_by_text("The server is now version 9.9.9")).to_be_visible()
    expect(page.get_by_role("button", name="Load the new screens")).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")


def test_an_instance_that_was_killed_is_dead_and_then_alive_again(
    stack: Stack, orphan: Callable[[], None], signed_in: Open
) -> None:
    """Nobody said goodbye, so that the lease has to run out; then its supervisor is let go on, and starts it again."""
    page, home = signed_in("/network"), signed_in("/")
    expect(page.get_by_role("region", name="Binance US: Dead")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("Its heartbeat stopped without a goodbye").first).to_be_visible()
    expect(home.get_by_role("list", name="Exchanges").get_by_text("Binance US: Dead")).to_be_attached()
    expect(home.get_by_text("Everything is live.")).to_have_count(0)
    orphan()

    stack.said(r"Binance US: ended with code -9 and is started again")
    expect(page.get_by_role("region", name="Binance US: Live")).to_be_visible()
    expect(home.get_by_role("list", name="Exchanges").get_by_text("Binance US: Live")).to_be_attached()
