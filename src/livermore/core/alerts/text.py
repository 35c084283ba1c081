"""What an alert and a stage are called when people read them."""

from typing import Final

from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.rules import REVERSAL_OVERBOUGHT, REVERSAL_OVERSOLD
from livermore.core.indicators.reading import Stage

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
    Stage.UNKNOWN: "grey50",
    Stage.OVERSOLD: "medium_purple1",
    Stage.REBOUNDING: "sky_blue1",
    Stage.RALLYING: "turquoise2",
    Stage.OVERBOUGHT: "gold1",
    Stage.RETRACING: "dark_orange",
    Stage.REVERSING: "indian_red1",
    Stage.RANGING: "grey62",
}
"""The colour of each stage in a terminal: the hues of the screens, so that one colour means one thing."""

_REVERSALS: Final = {
    REVERSAL_OVERSOLD: "turns up from oversold",
    REVERSAL_OVERBOUGHT: "turns down from overbought",
}
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
