"""Whether everybody can use a page: what axe-core finds on it."""

from pathlib import Path

from playwright.sync_api import Page

from ui.conftest import ROOT

# Colours that are on their way to others are nobody's choice.
SETTLED = """
() => Promise.allSettled(
  document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished),
)
"""
AXE = ROOT / "ui/node_modules/axe-core/axe.min.js"
GRAVE = {"serious", "critical"}


def grave(page: Page) -> list[str]:
    """What is serious or worse on the page as it stands, in words."""
    page.evaluate(SETTLED)
    page.evaluate(Path(AXE).read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"][:3]
    ]
