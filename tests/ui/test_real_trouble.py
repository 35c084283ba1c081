"""Trouble on the real stack: what is lost is said, nothing stale is shown as fresh, and it comes back by itself."""

import re

import pytest
from playwright.sync_api import Page, expect

from ui.conftest import Open
from ui.real_stack import Stack

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("real-stack")]
BACK_MS = 120_000


def in_order(page: Page) -> None:
    """Wait until the page knows that all is live; it is never loaded anew."""
    exchanges = page.get_by_role("list", name="Exchanges")
    expect(exchanges.get_by_text(re.compile(": Live$"))).to_have_count(3, timeout=BACK_MS)
    expect(page.locator("[data-stale=true]")).to_have_count(0, timeout=BACK_MS)


def moves(page: Page) -> None:
    """The price of the first symbol changes."""
    price = page.get_by_role("row", name="BTC").first.get_by_role("gridcell").first
    expect(price).not_to_have_text(price.inner_text(), timeout=BACK_MS)


def newest_candle(page: Page, *, other_than: str = "") -> str:
    """When the newest candle of the chart opened, once it is another one."""
    legend = page.locator("section[aria-label^='Chart of'] time").first
    expect(legend).not_to_have_attribute("datetime", other_than, timeout=BACK_MS)
    return legend.get_attribute("datetime") or ""


def test_an_open_chart_has_every_candle_after_an_outage_of_its_instance(stack: Stack, signed_in: Open) -> None:
    """What is made up for comes without its readings, and what a page was not told it asks for."""
    chart, clock = signed_in("/chart/binance/BTC-USDT?tf=5m"), signed_in("/chart/coinbase/BTC-USD?tf=5m")
    began, told = newest_candle(chart), newest_candle(clock)
    with stack.halted(""):
        stack.kill("instance binance --")
        for _ in range(4):
            told = newest_candle(clock, other_than=told)

    seen = newest_candle(chart, other_than=began)
    while seen < told:
        seen = newest_candle(chart, other_than=seen)
    expect(chart.get_by_text(re.compile("candles missing"))).to_have_count(0, timeout=BACK_MS)


def test_a_server_that_is_gone_is_said_and_comes_back(stack: Stack, signed_in: Open) -> None:
    page = signed_in("/signals?exchange=coinbase")
    in_order(page)
    with stack.halted(""):
        stack.kill("livermore server")
        expect(page.get_by_text("Not live for")).to_be_visible()
        expect(page.locator("[data-stale=true]").first).to_be_attached()

    expect(page.get_by_text("Not live for")).to_have_count(0, timeout=BACK_MS)
    in_order(page)
    moves(page)


def test_a_lost_postgresql_is_said_while_the_market_goes_on(stack: Stack, signed_in: Open) -> None:
    """When it is back, what is opened next has it again, without loading the screens anew."""
    page = signed_in("/signals?exchange=coinbase")
    in_order(page)
    with stack.halted(""):
        stack.kill("bin/postgres")
        moves(page)
        page.get_by_role("link", name="Alerts").first.click()
        expect(page.get_by_text("the ledger is away")).to_be_visible()

    stack.said("PostgreSQL: is back")
    page.get_by_role("link", name="Signals").first.click()
    expect(page.get_by_text("from the stream")).to_have_count(0, timeout=BACK_MS)
    page.get_by_role("link", name="Users & keys").first.click()
    expect(page.get_by_role("row").filter(has_text="admin@localhost")).to_be_visible(timeout=BACK_MS)


def test_a_lost_valkey_is_said_and_nothing_stale_looks_fresh(stack: Stack, signed_in: Open) -> None:
    page = signed_in("/signals?exchange=coinbase")
    in_order(page)
    with stack.halted(""):
        stack.kill("valkey-server")
        expect(page.get_by_text("The server cannot read its store.")).to_be_visible()
        expect(page.locator("[data-stale=true]").first).to_be_attached()

    expect(page.get_by_text("The server cannot read its store.")).to_have_count(0, timeout=BACK_MS)
    in_order(page)
    moves(page)
