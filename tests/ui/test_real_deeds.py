"""What admins do on the real stack: instances are ordered about, settings are changed by two at once."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from ui.conftest import Open

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("real-stack")]
HOSTILE = "<img src=x onerror=alert(1)>"


def newest(page: Page, title: str) -> Locator:
    """The newest command with that title in the history."""
    return page.get_by_role("region", name="Commands").get_by_role("listitem").filter(has_text=title).first


def test_an_instance_is_paused_resumed_stopped_and_started(signed_in: Open) -> None:
    """Each order goes from requested to done, and the state is that of the instance."""
    page = signed_in("/control?exchange=binance")
    instance = page.get_by_role("region", name="Instance")
    life = page.get_by_role("group", name="Life of the instance")
    expect(instance.get_by_text("Live", exact=True)).to_be_visible()
    life.get_by_role("button", name="Pause").click()
    expect(newest(page, "Pause").get_by_text("Done")).to_be_visible()
    expect(instance.get_by_text("Paused by admin@localhost")).to_be_visible()
    life.get_by_role("button", name="Resume").click()
    expect(newest(page, "Resume").get_by_text("Done")).to_be_visible()
    expect(instance.get_by_text("Live", exact=True)).to_be_visible()
    life.get_by_role("button", name="Stop").click()
    dialog = page.get_by_role("dialog", name="Stop Binance")
    expect(dialog.get_by_role("button", name="Stop it")).to_be_disabled()
    dialog.get_by_role("textbox").fill("binance")
    dialog.get_by_role("button", name="Stop it").click()
    expect(newest(page, "Stop").get_by_text("Done")).to_be_visible()
    expect(instance.get_by_text("Stopped", exact=True)).to_be_visible()
    life.get_by_role("button", name="Start").click()
    expect(newest(page, "Start").get_by_text("Done")).to_be_visible()
    expect(instance.get_by_text("Live", exact=True)).to_be_visible()
    newest(page, "Start").get_by_role("button").first.click()

    way = page.get_by_role("list", name="Way of the command").get_by_role("listitem")
    expect(way).to_have_text([re.compile(f"^{word}") for word in ("Requested", "Acknowledged", "Running", "Done")])


def settings(page: Page) -> Page:
    """The page of settings once it has them."""
    expect(page.get_by_role("textbox", name="Settings as JSON")).to_contain_text("mostAlertsPerMessage")
    return page


def saved(page: Page) -> None:
    """Look at the changes and save them."""
    page.get_by_role("button", name="Look and save").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()


def test_settings_are_written_as_json_seen_in_the_form_and_restored(signed_in: Open) -> None:
    page = settings(signed_in("/settings"))
    editor, name = page.get_by_role("textbox", name="Settings as JSON"), page.get_by_label("Name", exact=True)
    text = editor.inner_text()
    editor.fill(text.replace("{", "", 1))
    expect(page.get_by_text("the JSON cannot be read: the form waits")).to_be_visible()
    editor.fill(text.replace('"timezone"', '"name": "Ada", "timezone"', 1))
    expect(name).to_have_value("Ada")
    saved(page)
    said = page.get_by_text(re.compile(r"^Saved as version \d+$")).first.inner_text()
    version = int(said.split()[-1])
    name.fill(HOSTILE)
    expect(editor).to_contain_text(HOSTILE)
    saved(page)
    expect(page.get_by_text(f"Saved as version {version + 1}")).to_be_visible()
    expect(page.locator("img[src=x]")).to_have_count(0)

    page.get_by_role("button", name="Versions").click()
    versions = page.get_by_role("dialog", name="Versions").get_by_role("listitem")
    expect(versions.filter(has_text=f"Version {version + 1}")).to_contain_text("present")
    old = versions.filter(has_text=re.compile(rf"Version {version}\b"))
    old.get_by_role("button", name="Restore").click()
    old.get_by_role("button", name="Yes, have it again").click()
    expect(page.get_by_text(f"as version {version + 2}")).to_be_visible()
    expect(name).to_have_value("Ada")


def test_two_who_change_the_settings_at_once_are_told_and_choose(signed_in: Open) -> None:
    mine, theirs = settings(signed_in("/settings")), settings(signed_in("/settings"))
    mine.get_by_label("Falls back by").first.fill("12")
    theirs.get_by_label("Falls back by").first.fill("14")
    saved(theirs)
    expect(theirs.get_by_text(re.compile("Saved as version"))).to_be_visible()

    saved(mine)
    conflict = mine.get_by_role("alert").filter(has_text="was saved elsewhere")
    expect(conflict).to_be_visible()
    conflict.get_by_role("button", name="Bring mine upon it").click()
    mine.get_by_role("button", name="mine: 12").click()
    saved(mine)
    expect(mine.get_by_text(re.compile("Saved as version"))).to_be_visible()
    expect(theirs.get_by_label("Falls back by").first).to_have_value("12")
