"""What an alert and a stage are called when people read them."""

from datetime import datetime, tzinfo
from typing import Final

from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.rules import REVERSAL_OVERBOUGHT, REVERSAL_OVERSOLD
from livermore.core.indicators.reading import Stage
from livermore.core.market.timeframe import MINUTE, SECOND, Millis

STAGE_CODES: Final = {
    Stage.UNKNOWN: "··",
    Stage.OVERSOLD: "OS",
    Stage.REBOUNDING: "RB",
    Stage.RALLYING: "RL",
    Stage.OVERBOUGHT: "OB",
    Stage.RETRACING: "RT",
    Stage.REVERSING: "RV",
    Stage.RANGING: "RG",
}
"""Two letters for each stage, so that a colour is never the only thing that tells it."""

STAGE_COLOURS: Final = {
    Stage.UNKNOWN: "#7f8a94",
    Stage.OVERSOLD: "#8f7dff",
    Stage.REBOUNDING: "#62bdf2",
    Stage.RALLYING: "#22d6c4",
    Stage.OVERBOUGHT: "#f8cd48",
    Stage.RETRACING: "#e88a2e",
    Stage.REVERSING: "#ff7a76",
    Stage.RANGING: "#a4a8a6",
}
"""The colour of each stage in terminals, pictures and messages: those of the screens, so that one means one thing."""

_REVERSALS: Final = {
    REVERSAL_OVERSOLD: "turns up from oversold",
    REVERSAL_OVERBOUGHT: "turns down from overbought",
}
# Not those of the locale: what a machine speaks is not what people read.
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STATUSES: Final = {
    AlertStatus.FIRED: "",
    AlertStatus.LATE: ", late",
    AlertStatus.AMENDED: ", amended",
    AlertStatus.RETRACTED: ", retracted",
}


def happening(alert: Alert) -> str:
    """What happened, such as ``crossed above 150`` or ``turns up from oversold, late``."""
    level = alert.label.removeprefix("level_")
    if level == alert.label:
        what = _REVERSALS.get(alert.label, alert.label)
    else:
        what = f"crossed {'below' if level.startswith('-') else 'above'} {level}"
    return what + _STATUSES[alert.status]


def price_text(price: float) -> str:
    """A price with as many decimals as its size needs: 2 from 100 on, 4 from 1, 6 from 0.01, else 8.

    >>> price_text(64123.456), price_text(0.0123456), price_text(0.00000012)
    ('64,123.46', '0.012346', '0.00000012')
    """
    for least, decimals in ((100.0, 2), (1.0, 4), (0.01, 6)):
        if price >= least:
            return f"{price:,.{decimals}f}"
    return f"{price:.8f}"


def instant_text(instant: Millis, zone: tzinfo, now: Millis) -> str:
    """The time of day of an instant where people live, with the day where it is not today's.

    >>> from datetime import UTC
    >>> instant_text(1_700_006_400_000, UTC, 1_700_009_000_000), instant_text(1_700_006_400_000, UTC, 1_700_100_000_000)
    ('00:00 UTC', '15 Nov 00:00 UTC')
    """
    then, today = (datetime.fromtimestamp(one / SECOND, zone) for one in (instant, now))
    day = "" if then.date() == today.date() else f"{then.day} {_MONTHS[then.month - 1]} "
    return f"{day}{then:%H:%M %Z}"


def span_text(span: Millis) -> str:
    """How long something took, as people say it.

    >>> span_text(59_000), span_text(540_000), span_text(9_000_000)
    ('59 s', '9 min', '150 min')
    """
    return f"{span // MINUTE} min" if span >= MINUTE else f"{span // SECOND} s"
