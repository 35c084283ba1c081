"""Pages of alerts are shaped by hand, and by hand as the model that describes them."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cache.examples import alerts
from livermore.api.alert_lines import alert_page
from livermore.api.models.alerts import AlertPage
from livermore.api.models.market import UnreadableShown
from livermore.api.routes.alert_shape import alert_shown
from livermore.core.alerts.alert import Alert


@given(st.lists(alerts(), max_size=4), st.booleans(), st.none() | st.text(max_size=5))
def test_a_page_says_what_the_model_of_it_would(found: list[Alert], is_simulated: bool, following: str | None) -> None:
    shown = [replace(alert, is_simulated=is_simulated) for alert in found]
    model = AlertPage(
        items=[alert_shown(alert) for alert in shown],
        next=following,
        source="ledger",
        unreadable=[UnreadableShown(name="x", reason="not ours")],
    )
    page = json.loads(alert_page(shown, following, "ledger", {"x": "not ours"}))

    assert page == json.loads(model.model_dump_json())
    assert AlertPage.model_validate(page) == model
