"""The screens in a real browser: what they say when all is well and when it is not, and that everybody can use them."""

import re
import subprocess

import pytest
from playwright.sync_api import Page, Route, expect

from ui.axe import grave
from ui.conftest import PHONE, ROOT, Open

pytestmark = pytest.mark.timeout(600)
HEADINGS = {
    "/": "Newest alerts",
    "/signals": "Alerts",
    "/chart/coinbase/ETH-USD?tf=1h": "Alerts of ETH-USD",
    "/network": "Activity",
    "/alerts?told=all": "Deliveries",
}
WAITS = {
    "id": 9,
    "alertId": "a-9",
    "userId": 1,
    "channel": "Desk",
    "statusTold": "fired",
    "status": "pending",
    "reason": "Discord did not answer in time",
    "silent": False,
    "attempts": 2,
    "dueAt": 1_769_093_700_000,
    "createdAt": 1_769_093_700_000,
    "finishedAt": None,
}
# How many are under way after the styles have been computed anew.
TRANSITIONS = """
() => {
  getComputedStyle(document.body).color;
  return document.getAnimations().filter((one) => one instanceof CSSTransition).length;
}
"""


def test_what_the_screens_compute_is_right() -> None:
    """The unit tests of ui/src pass."""
    subprocess.run([ROOT / "scripts/ui", "test"], check=True)


def _settled(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_label("Loading")).to_have_count(0)


@pytest.mark.parametrize("path", HEADINGS)
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing_serious(opened: Open, path: str, scheme: str) -> None:
    page = opened(path, scheme=scheme)
    _settled(page, HEADINGS[path])

    assert grave(page) == []


def test_a_phone_shows_the_matrix_without_scrolling_sideways(opened: Open) -> None:
    page = opened("/signals", size=PHONE)
    expect(page.get_by_role("row").nth(5)).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_keys_choose_a_symbol_and_open_its_chart(opened: Open) -> None:
    page = opened("/signals")
    expect(page.get_by_role("row", name="ETH").first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[aria-selected=true]")).to_contain_text("ETH")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="ETH-USD", exact=True)).to_be_visible()
    assert "/chart/coinbase/ETH-USD" in page.url


def test_filters_are_kept_in_the_address(opened: Open) -> None:
    page = opened("/signals?q=btc&exchange=binance")
    expect(page.get_by_role("row", name="BTC").first).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("searchbox").fill("zzz")

    expect(page.get_by_text("No symbol passes these filters")).to_be_visible()
    assert "q=zzz" in page.url


def test_an_alert_arrives_as_a_toast_and_on_top_of_the_list(opened: Open) -> None:
    page = opened("/signals")
    _settled(page, "Alerts")
    toast = page.locator("[data-sonner-toast]").first
    expect(toast).to_be_visible()
    symbol = toast.inner_text().split()[0]

    expect(page.get_by_role("region", name="Alerts").get_by_role("listitem").first).to_contain_text(symbol)


def test_the_palette_opens_a_chart(opened: Open) -> None:
    page = opened("/")
    _settled(page, "Newest alerts")
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Page, symbol or deed").fill("ZEC-USD coinbase")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="ZEC-USD", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("mood", "path", "words"),
    [
        ("signed-out", "/", "Sign in with the printed link"),
        ("signed-out", "/sign-in#token=used", "This link has been used or is too old"),
        ("empty", "/signals?exchange=coinbase", "No symbols on Coinbase"),
        ("forbidden", "/network", "Your role does not show this"),
        ("broken", "/network", "PostgreSQL is away"),
        ("skewed", "/", "The server is now version 9.9.9"),
    ],
)
def test_each_misfortune_has_a_face_of_its_own(opened: Open, mood: str, path: str, words: str) -> None:
    page = opened(path, mood=mood)

    expect(page.get_by_text(words).first).to_be_visible()
    assert grave(page) == []


def test_a_channel_that_takes_nothing_is_an_open_problem_that_leads_to_what_waits(opened: Open) -> None:
    def tell(route: Route) -> None:
        waiting = [] if "status=failed" in route.request.url else [WAITS, {**WAITS, "id": 8, "attempts": 0}]
        route.fulfill(json={"items": waiting, "next": None})

    page = opened("/")
    page.route("**/api/v1/deliveries?*", tell)
    page.reload()
    page.get_by_role("region", name="Open problems").get_by_role("link", name="Channel Desk: 2 alerts wait").click()

    expect(page.get_by_role("heading", name="Deliveries", exact=True)).to_be_visible()
    expect(page.get_by_role("list", name="Deliveries").get_by_text("Discord did not answer in time")).to_have_count(2)
    page.get_by_role("radio", name="Alerts", exact=True).click()
    expect(page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()


def test_the_token_of_a_link_does_not_stay_in_the_address(opened: Open) -> None:
    page = opened("/sign-in#token=secret")
    _settled(page, "Newest alerts")

    assert "secret" not in page.url


def test_a_lost_link_is_said_and_takes_the_colour_from_what_is_shown(opened: Open) -> None:
    page = opened("/signals", mood="cut")

    expect(page.get_by_text("Not live for")).to_be_visible()
    expect(page.locator("[data-stale=true]").first).to_be_attached()


# Types into the form in the very moment in which the editor is put on the page, before it has shown anything.
TYPE_AS_THE_EDITOR_APPEARS = """
new MutationObserver((_, observer) => {
  const field = [...document.querySelectorAll("input")].find((one) => one.labels?.[0]?.textContent === "Name");
  if (window.isFieldTyped || !window.isEditorAsked || document.querySelector("[aria-label=Loading]") || !field) return;
  window.isFieldTyped = true;
  observer.disconnect();
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, "Grace");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}).observe(document, { childList: true, subtree: true });
"""


def test_what_is_typed_while_the_editor_appears_is_kept(opened: Open) -> None:
    page = opened("/sign-in")
    held: list[Route] = []
    page.route(re.compile(r"/assets/editor-(?!look).*\.js"), lambda route: held.append(route))
    page.add_init_script(TYPE_AS_THE_EDITOR_APPEARS)
    page.goto(page.url.replace("/sign-in", "/settings"))
    name = page.get_by_role("region", name="Profile").get_by_label("Name", exact=True)
    expect(name).to_be_visible()
    expect(page.get_by_label("Loading")).to_have_count(1)
    assert held
    page.evaluate("window.isEditorAsked = true")
    for route in held:
        route.continue_()

    expect(page.get_by_role("textbox", name="Settings as JSON")).to_contain_text('"name": "Grace"')
    expect(name).to_have_value("Grace")
    expect(page.get_by_role("button", name="Look and save")).to_be_enabled()


def test_whoever_wants_no_motion_sees_another_scheme_at_once(opened: Open) -> None:
    page = opened("/alerts")
    expect(page.get_by_role("link").first).to_be_visible()
    page.emulate_media(color_scheme="light", reduced_motion="reduce")

    assert page.evaluate(TRANSITIONS) == 0


def test_a_phone_has_a_way_to_every_page(opened: Open) -> None:
    page = opened("/", size=PHONE)
    page.get_by_role("button", name="More").click()
    others = page.get_by_role("dialog", name="All other pages")
    expect(others.get_by_role("link")).to_have_count(7)
    assert grave(page) == []
    others.get_by_role("link", name="Control").click()

    expect(page.get_by_role("group", name="Life of the instance")).to_be_visible()
    expect(others).to_have_count(0)
