"""The screens by the keyboard alone, on the made-up market: nothing is filled in that is not typed."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_what_is_typed_after_ctrl_k_filters_the_palette(opened: Open) -> None:
    page = opened("/")
    expect(page.get_by_role("list", name="Newest alerts").get_by_role("listitem").first).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_placeholder("Page, symbol or deed")).to_be_focused()
    page.keyboard.type("zec-usd coinbase")
    expect(page.get_by_role("option", name="ZEC-USD").first).to_be_visible()
    expect(page.get_by_role("option", name="Dashboard")).to_have_count(0)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="ZEC-USD", exact=True)).to_be_visible()


def test_the_way_back_from_a_chart_finds_the_row_that_was_chosen(opened: Open) -> None:
    page = opened("/signals?exchange=coinbase")
    rows = page.get_by_role("grid").get_by_role("row")
    expect(rows.nth(3)).to_be_visible()
    page.keyboard.type("jj")
    expect(rows.nth(2)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_role("grid")).to_have_count(0)
    page.go_back()

    expect(rows.nth(2)).to_have_attribute("aria-selected", "true")
