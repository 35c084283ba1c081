"""How many alerts there were since a viewer's midnight, as the ledger knows, not as a screen has loaded."""

from typing import Any

from api.stage import NOW, Stage
from cache.examples import a_candle, an_alert
from livermore.core.account.people import Role
from livermore.core.alerts.alert import AlertStatus
from livermore.core.market.timeframe import DAY
from livermore.database.alert_rows import Place
from livermore.database.alerts import Said, record_alerts
from livermore.database.connect import Pool, transaction


async def entered(pool: Pool, *said: tuple[int, str, AlertStatus]) -> list[int]:
    """Enter alerts by the number of their candle, label and status; answers with their closes."""
    alerts = [an_alert(a_candle(number), label, status) for number, label, status in said]
    async with transaction(pool) as connection:
        entries = [Said(alert, Place(1, NOW() + index, 0)) for index, alert in enumerate(alerts)]
        await record_alerts(connection, entries, NOW())
    return [alert.closes_at for alert in alerts]


async def summary(stage: Stage, role: Role = Role.SUBSCRIBER_BASIC, **query: Any) -> Any:
    answer = await stage.http.get("/api/v1/alerts/summary", headers=await stage.headers(role), params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_alerts_are_counted_by_what_they_are_since_a_given_time(stage: Stage, pool: Pool) -> None:
    fired, retracted = AlertStatus.FIRED, AlertStatus.RETRACTED
    closes = await entered(
        pool,
        (0, "level_150", fired),
        (1, "level_150", fired),
        (2, "level_-200", fired),
        (3, "reversal_oversold", fired),
        (4, "level_150", retracted),
    )

    all_of_them = await summary(stage, since=0)
    later = await summary(stage, since=closes[1], until=closes[4])

    assert (all_of_them["total"], all_of_them["standing"]) == (5, 4)
    counted = {(item["exchangeName"], item["kind"], item["status"]): item["count"] for item in all_of_them["items"]}
    assert counted == {
        ("coinbase", "level", "fired"): 3,
        ("coinbase", "level", "retracted"): 1,
        ("coinbase", "reversal", "fired"): 1,
    }
    assert later["total"] == 3


async def test_without_a_time_the_day_is_that_of_utc(stage: Stage, pool: Pool) -> None:
    await entered(pool, (0, "level_150", AlertStatus.FIRED))
    before = NOW()
    found = await summary(stage)

    assert found["since"] % DAY == 0
    assert before - DAY < found["since"] <= NOW()
    assert found["items"] == []
