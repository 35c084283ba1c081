import uuid

from hypothesis import given
from hypothesis import strategies as st

from core.builders import DAWN, STEP, SYMBOL
from livermore.core.alerts.alert import Alert, AlertStatus, AlertTimes, Bias, Direction, alert_id
from livermore.core.indicators.reading import Quality, Stage
from livermore.core.market.exchange import BINANCE, COINBASE, WATCHED
from livermore.core.market.timeframe import Timeframe

PARTS = st.tuples(
    st.sampled_from(WATCHED),
    st.sampled_from(["BTC-USD", "ETH-USD"]),
    st.sampled_from(Timeframe),
    st.sampled_from([0, 300_000, DAWN]),
    st.sampled_from(["level_150", "level_-150", "reversal_oversold"]),
    st.sampled_from(["1", "2"]),
)


@given(one=PARTS, other=PARTS)
def test_an_id_is_the_same_exactly_for_the_same_crossing(one: tuple, other: tuple) -> None:
    assert (alert_id(*one) == alert_id(*other)) == (one == other)


def an_alert(label: str) -> Alert:
    return Alert(
        "id", COINBASE, False, SYMBOL, Timeframe.M5, DAWN, label, Direction.UP, 151.0, 149.0, None, None, 100.0,
        Stage.UNKNOWN, (), Bias.NEUTRAL, Quality(60, 0.3, 0.0, False), AlertTimes(DAWN + STEP, DAWN + STEP + 7), "1",
        AlertStatus.FIRED,
    )  # fmt: skip


def test_an_id_never_changes() -> None:
    """Ledgers hold it: the namespace and the spelling are for ever."""
    found = alert_id(COINBASE, SYMBOL, Timeframe.M5, DAWN, "level_150", "macdv-1-ea023311")

    assert found == str(
        uuid.uuid5(
            uuid.uuid5(uuid.NAMESPACE_DNS, "alerts.livermore"),
            f"1:BTC-USD:5m:{DAWN}:level_150:macdv-1-ea023311",
        )
    )
    assert uuid.UUID(found).version == 5
    assert found != alert_id(BINANCE, SYMBOL, Timeframe.M5, DAWN, "level_150", "macdv-1-ea023311")


def test_a_stamp_adds_an_instant_and_changes_nothing_else() -> None:
    alert = an_alert("level_150")

    stamped = alert.stamped(computed=1).stamped(committed=2)

    assert stamped.times == AlertTimes(DAWN + STEP, DAWN + STEP + 7, 1, 2)
    assert (stamped.id, stamped.value, alert.times.computed) == (alert.id, alert.value, None)
    assert alert.stamped() == alert
    assert alert.closes_at == DAWN + STEP
