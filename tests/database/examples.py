"""People and alerts to try the database with."""

from dataclasses import replace

from database.server import NOW
from livermore.core.account.people import Identity, Role
from livermore.core.alerts.alert import (
    Alert,
    AlertStatus,
    AlertTimes,
    Bias,
    Direction,
    TimeframeView,
    alert_id,
)
from livermore.core.indicators.reading import Quality, Stage
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import Timeframe
from livermore.database.alert_rows import Place
from livermore.database.alerts import Said
from livermore.database.connect import Connection
from livermore.database.users import User, upsert_from_identity

OPENED_AT = 1_769_093_400_000


async def a_user(connection: Connection, name: str = "jesse", role: Role = Role.USER) -> User:
    identity = Identity("https://issuer.example", f"sub-{name}", f"{name}@example.com", display_name=name.title())
    return await upsert_from_identity(connection, identity, NOW, role=role)


def an_alert(number: int = 0, label: str = "level_150", symbol: str = "ZEC-USD") -> Alert:
    """The alert of the candle that opened `number` times five minutes later."""
    opened_at = OPENED_AT + number * Timeframe.M5.millis
    return Alert(
        id=alert_id(COINBASE, symbol, Timeframe.M5, opened_at, label, "macdv-1-0a1b2c3d"),
        exchange=COINBASE,
        is_simulated=False,
        symbol=symbol,
        timeframe=Timeframe.M5,
        opened_at=opened_at,
        label=label,
        direction=Direction.UP,
        value=151.2,
        previous_value=148.00000000000003,
        signal=120.5,
        histogram=None,
        price=0.1 + 0.2,
        stage=Stage.OVERBOUGHT,
        timeframes=(
            TimeframeView(Timeframe.M5, 151.2, Stage.OVERBOUGHT),
            TimeframeView(Timeframe.D1, None, Stage.UNKNOWN),
        ),
        bias=Bias.BEARISH,
        quality=Quality(300, 2.1e-05, 0.0, False),
        times=AlertTimes(opened_at + 300_000, opened_at + 302_013, opened_at + 302_014, opened_at + 302_020),
        rule_version="macdv-1-0a1b2c3d",
        status=AlertStatus.FIRED,
    )


def said(alert: Alert, at: int = 1, epoch: int = 1) -> Said:
    return Said(alert, Place(epoch, at, 0))


def amended(alert: Alert, value: float = 160.0) -> Alert:
    return replace(alert, status=AlertStatus.AMENDED, value=value)
