"""The market on the real stack: it moves on the screens, and its alerts arrive."""

import re
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from ui.conftest import Open, settled

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("real-stack")]

TRIES = 10
NEWS = re.compile("crossed (above|below)|turns (up|down)|alerts on")
# Less than the width of an arrow; every second press is taken for the second of a double one.
STEP = 4


def an_alert(page: Page) -> str:
    """The path of an alert that is raised while one looks: a toast tells of it, or of the storm that it is part of."""
    newest = page.get_by_role("region", name="Alerts").locator("a[href^='/alerts/']").first
    before = newest.get_attribute("href") or ""
    expect(newest).not_to_have_attribute("href", before)
    expect(page.locator("[data-sonner-toast]").filter(has_text=NEWS).first).to_be_visible()
    return newest.get_attribute("href") or ""


def test_a_candle_closes_and_a_reading_changes_while_one_looks(signed_in: Open) -> None:
    page = signed_in("/signals?exchange=coinbase")
    row = page.get_by_role("row", name="BTC").first
    cell = row.get_by_role("gridcell").nth(2)
    expect(cell).to_have_attribute("aria-label", re.compile(r"^5m \w+ [+−]\d"))
    before = [cell.get_attribute("aria-label") or "", row.get_by_role("gridcell").first.inner_text()]

    expect(cell).not_to_have_attribute("aria-label", before[0])
    expect(row.get_by_role("gridcell").first).not_to_have_text(before[1])


def test_the_chart_goes_on_by_itself(signed_in: Open) -> None:
    """The newest candle of the legend is another one after a while, and the price moves."""
    page = signed_in("/chart/binance/BTC-USDT?tf=5m")
    legend = page.locator("time").first
    settled(page, "Alerts of BTC-USDT")
    opened = legend.get_attribute("datetime") or legend.inner_text()

    expect(legend).not_to_have_text(opened)


def test_an_alert_arrives_as_a_toast_in_the_list_and_on_the_chart(signed_in: Open) -> None:
    page = signed_in("/signals")
    path = an_alert(page)
    page.get_by_role("region", name="Alerts").locator(f"a[href='{path}']").click()
    page.wait_for_url(f"**{path}")
    steps = page.get_by_role("list", name="Steps")
    for step in ("The candle closed", "The proof of it arrived", "The alert was committed", "in the ledger"):
        expect(steps.get_by_text(step)).to_be_visible()
    symbol = page.get_by_role("heading", level=1).inner_text().split()[0]
    page.get_by_role("link", name="Chart", exact=True).click()
    page.wait_for_url("**/chart/**")
    settled(page, f"Alerts of {symbol}")
    opened = int(parse_qs(urlsplit(page.url).query)["at"][0])

    # The chart goes on while one looks: where the candle was is not where it is.
    assert any(found_marker(page, opened) for _ in range(TRIES))
    expect(page.get_by_role("heading", level=1)).to_contain_text(symbol)


def found_marker(page: Page, opened: int) -> bool:
    """Whether pressing somewhere above or below the candle that opened then leads to an alert."""
    place = page.get_by_role("group", name=re.compile("^Candles of")).bounding_box()
    assert place is not None
    left, right = (place["x"] + place["width"] * part for part in (0.2, 0.5))
    first, last = pointed(page, left, place["y"] + 80), pointed(page, right, place["y"] + 80)
    across = (right - left) / (last - first)
    column = left + (opened - first) * across
    # Once more from nearby: half a candle beside it is another one.
    column += (opened - pointed(page, column, place["y"] + 80)) * across
    for height in range(20, int(place["height"] * 0.68), STEP):
        page.mouse.click(column, place["y"] + height)
        if "/alerts/" in page.url:
            return True
    return False


def pointed(page: Page, across: float, down: float) -> int:
    """When the candle opened that is pointed at, as the legend says."""
    page.mouse.move(across, down)
    said = page.locator("section[aria-label^='Chart of'] time").first.get_attribute("datetime") or ""
    return int(datetime.fromisoformat(said).timestamp() * 1_000)


def test_an_alert_computed_once_more_is_the_same(signed_in: Open) -> None:
    page = signed_in("/alerts")
    page.locator("main a[href^='/alerts/']").first.click()
    verdict = page.get_by_role("region", name="Computed once more")
    verdict.get_by_role("button", name="Again").click()

    expect(verdict.get_by_text("Computed at")).to_be_visible()
    expect(verdict.get_by_text("The same again, to the last bit")).to_be_visible()
