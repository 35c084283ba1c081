"""Symbols on the real stack: they are added, removed, brought back, and pasted as a list."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from ui.conftest import Open

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("real-stack")]
LIST = """usdc/usdt
BTC-USDT
# a comment
NOSUCH-USDT
<img src=x onerror=alert(1)>
"""


def asked_for(page: Page, title: str) -> Locator:
    """The newest order of this page with that title."""
    return page.get_by_role("list", name="What was asked for").get_by_role("listitem").filter(has_text=title).first


def row(page: Page, symbol: str) -> Locator:
    """The row of a symbol in the table."""
    return page.get_by_role("row").filter(has_text=symbol)


def test_a_symbol_is_added_warmed_up_removed_and_brought_back(signed_in: Open) -> None:
    """It is done once its five series have all that they need: then it is known, and has a stage for each."""
    page = signed_in("/symbols?exchange=coinbase&panel=add")
    search = page.get_by_role("searchbox", name="Search what the exchange lists")
    search.fill("NOSUCH")
    expect(page.get_by_text("The exchange lists no such symbol")).to_be_visible()
    search.fill("USDT")
    candidate = page.get_by_role("list", name="Listed symbols").get_by_role("listitem").filter(has_text="USDT-USD")
    expect(candidate).to_be_visible()
    candidate.get_by_role("button", name="Watch USDT-USD").click()
    expect(candidate.get_by_text("Watched")).to_be_visible()
    page.get_by_role("button", name="Close", exact=True).click()

    expect(asked_for(page, "Watch USDT-USD").get_by_text("Done")).to_be_visible()
    expect(row(page, "USDT-USD").get_by_title(re.compile(r"^(5m|15m|1h|4h|1d): "))).to_have_count(5)
    page.get_by_role("button", name="Stop watching USDT-USD").click()
    expect(asked_for(page, "Stop watching USDT-USD").get_by_text("Done")).to_be_visible()
    expect(row(page, "USDT-USD")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "USDT-USD")).to_be_visible()


def test_a_pasted_list_has_a_verdict_for_each_line_before_anything_is_asked_for(signed_in: Open) -> None:
    page = signed_in("/symbols?exchange=binance")
    page.get_by_role("button", name="Import").click()
    page.get_by_role("textbox", name="List of symbols").fill(LIST)

    verdicts = page.get_by_role("list", name="Verdicts").get_by_role("listitem")
    expect(verdicts.filter(has_text="to be added")).to_contain_text("USDC-USDT")
    expect(verdicts.filter(has_text="BTC-USDT")).to_contain_text("already")
    expect(verdicts.filter(has_text="NOSUCH-USDT").get_by_label("cannot be added")).to_be_visible()
    expect(verdicts.filter(has_text="onerror").first).to_be_visible()
    expect(page.locator("img[src=x]")).to_have_count(0)
    page.get_by_role("button", name="Watch 1").click()
    expect(asked_for(page, "Watch 1 symbol").get_by_text("Done")).to_be_visible()
    expect(row(page, "USDC-USDT")).to_be_visible()
