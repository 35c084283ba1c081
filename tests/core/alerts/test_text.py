import re
from dataclasses import replace
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alerts.test_alert import an_alert
from livermore.core.alerts.alert import AlertStatus
from livermore.core.alerts.text import STAGE_CODES, STAGE_COLOURS, happening, instant_text, price_text
from livermore.core.indicators.reading import Stage
from livermore.core.market.timeframe import DAY


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("level_150", "crossed above 150"),
        ("level_-250", "crossed below -250"),
        ("reversal_oversold", "turns up from oversold"),
        ("reversal_overbought", "turns down from overbought"),
    ],
)
def test_what_happened_is_said_in_words(label: str, words: str) -> None:
    assert happening(an_alert(label)) == words
    for status in (AlertStatus.LATE, AlertStatus.AMENDED, AlertStatus.RETRACTED):
        assert happening(replace(an_alert(label), status=status)) == f"{words}, {status}"


@given(price=st.floats(1e-7, 1e9))
def test_a_price_can_be_read_back(price: float) -> None:
    """To four digits at least, from a hundred thousandth on."""
    digits = 4 if price >= 1e-5 else 1
    assert float(price_text(price).replace(",", "")) == pytest.approx(price, rel=10.0 ** (1 - digits))


@pytest.mark.parametrize("colour", STAGE_COLOURS.values())
def test_a_colour_is_one_that_terminals_pictures_and_discord_understand(colour: str) -> None:
    assert re.fullmatch(r"#[0-9a-f]{6}", colour)


@given(st.integers(0, 4_000_000_000_000), st.integers(0, 4_000_000_000_000))
def test_an_instant_has_its_day_exactly_when_that_is_not_today(instant: int, now: int) -> None:
    told = instant_text(instant, UTC, now)
    is_today = instant // DAY == now // DAY

    assert told.endswith(f"{instant // 3_600_000 % 24:02}:{instant // 60_000 % 60:02} UTC")
    assert (len(told.split()) == 2) is is_today


def test_every_stage_has_a_code_and_a_colour_of_its_own() -> None:
    for names in (STAGE_CODES, STAGE_COLOURS):
        assert set(names) == set(Stage)
        assert len(set(names.values())) == len(Stage)
