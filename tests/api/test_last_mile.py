"""Why an alert was raised, what became of it, and what two exchanges say of one asset: through the API."""

from dataclasses import replace

from api.stage import Stage
from audit.markets import SYMBOL, a_market, replayed
from livermore.audit.rows import contiguous
from livermore.cache.codec.alert import encode_alert
from livermore.cache.keys import Keys
from livermore.cache.store import MarketStore
from livermore.core.account.people import Role
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.alerts.rules import Rules
from livermore.core.market.exchange import BINANCE, COINBASE
from livermore.core.market.ticker import Ticker
from livermore.core.market.timeframe import BASE
from livermore.core.messages import Commit, PublishTicker, SeriesCommit
from livermore.core.snapshot import SeriesSnapshot
from livermore.core.walk import Walk
from livermore.database.alert_rows import Place
from livermore.database.alerts import Said, record_alerts
from livermore.database.connect import transaction
from livermore.database.deliveries import NewDelivery, claim_deliveries, enqueue_deliveries, mark_delivered, mark_failed
from livermore.database.users import user_by_email

NOW = 1_790_000_000_000
RULES = Rules()


async def a_raised_alert(stage: Stage) -> Alert:
    """A stored 5m series and the newest alert that it raises, entered into the ledger."""
    keys = Keys(COINBASE.id)
    for seed in range(50):
        candles = a_market(seed, 700)
        rows = contiguous(candles, candles[-1].closes_at)
        alerts = [one for one in replayed(candles) if one.timeframe is BASE]
        if alerts:
            break
    alert = alerts[-1]
    walk = Walk()
    tail = walk.state()
    for candle in rows:
        walk.step(candle, RULES)
    last = walk.state()
    snapshot = SeriesSnapshot(
        rows[0].opened_at, rows[-1].opened_at, 0, last.indicator, last.memory, rows[0].opened_at, tail
    )
    await stage.window.redis.set(keys.epoch, 1)
    commit = Commit(SYMBOL, (SeriesCommit(BASE, tuple(rows), walk.fold.reading(rows[-1]), snapshot),), ())
    await MarketStore(stage.window.redis, keys, 1).commit([commit], NOW)
    async with transaction(stage.window.pool) as connection:
        await record_alerts(connection, [Said(alert, Place(1, NOW, 0))], NOW)
    return alert


async def test_one_call_tells_where_an_alert_comes_from(stage: Stage) -> None:
    alert = await a_raised_alert(stage)
    headers = await stage.headers(Role.ADMIN)

    answer = await stage.http.get(f"/api/v1/alerts/{alert.id}/provenance", headers=headers)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["reevaluation"]["outcome"] == "equal", told["reevaluation"]["reasons"]
    assert told["rule"]["firstLevel"] == RULES.first_level
    assert told["candles"][-1]["openTime"] == alert.opened_at
    assert told["candles"][-1]["reading"]["value"] == alert.value
    assert told["reevaluation"]["previous"]["value"] == alert.previous_value
    assert [step["name"] for step in told["steps"]][:2] == ["closed", "received"]
    assert [step["name"] for step in told["steps"]][-1] == "ledgered"


async def test_an_alert_that_is_not_what_the_candles_say_is_different(stage: Stage) -> None:
    alert = await a_raised_alert(stage)
    changed = replace(alert, value=alert.value + 1, status=AlertStatus.AMENDED)
    async with transaction(stage.window.pool) as connection:
        await record_alerts(connection, [Said(changed, Place(1, NOW + 1, 0))], NOW)

    answer = await stage.http.post(f"/api/v1/alerts/{alert.id}/re-evaluation", headers=await stage.headers(Role.USER))

    told = answer.json()
    assert told["outcome"] == "different"
    assert told["reasons"] == [f"the value is {alert.value}, not {alert.value + 1}"]


async def test_what_is_not_in_the_ledger_is_not_found(stage: Stage) -> None:
    headers = await stage.headers()
    unknown = "5b0c2a9e-0000-5000-8000-000000000000"

    assert (await stage.http.get(f"/api/v1/alerts/{unknown}/provenance", headers=headers)).status_code == 404
    assert (await stage.http.post(f"/api/v1/alerts/{unknown}/re-evaluation", headers=headers)).status_code == 404


async def test_people_see_and_retry_their_own_deliveries(stage: Stage) -> None:
    alert = await a_raised_alert(stage)
    ours, others = await stage.headers(Role.USER, "ada@example.org"), await stage.headers(Role.USER, "kay@example.org")
    async with transaction(stage.window.pool) as connection:
        ada = await user_by_email(connection, "ada@example.org")
        assert ada is not None
        rows = [NewDelivery(alert.id, AlertStatus.FIRED, ada.id, name, 1) for name in ("phone", "desk")]
        await enqueue_deliveries(connection, rows, NOW)
        for name in ("phone", "desk"):
            (claimed,) = await claim_deliveries(connection, ada.id, name, by="w", now=NOW, until=NOW + 1, limit=9)
            if name == "phone":
                await mark_failed(connection, [claimed.id], by="w", at=NOW, reason="it was away")
            else:
                await mark_delivered(connection, [claimed.id], by="w", at=NOW)

    listed = (await stage.http.get("/api/v1/deliveries?status=failed", headers=ours)).json()["items"]
    failed = listed[0]["id"]
    assert [(one["channel"], one["reason"]) for one in listed] == [("phone", "it was away")]
    assert (await stage.http.get("/api/v1/deliveries", headers=others)).json()["items"] == []
    assert (await stage.http.post(f"/api/v1/deliveries/{failed}/retry", headers=others)).status_code == 404
    assert (await stage.http.post(f"/api/v1/deliveries/{failed}/retry", headers=ours)).status_code == 204
    assert (await stage.http.post(f"/api/v1/deliveries/{failed}/retry", headers=ours)).status_code == 404
    page = (await stage.http.get("/api/v1/deliveries?limit=1", headers=ours)).json()
    following = (await stage.http.get(f"/api/v1/deliveries?limit=1&cursor={page['next']}", headers=ours)).json()
    assert {page["items"][0]["status"], following["items"][0]["status"]} == {"pending", "delivered"}
    assert following["next"] is None
    told = (await stage.http.get(f"/api/v1/alerts/{alert.id}/provenance", headers=others)).json()
    assert told["deliveries"] == []


async def test_spreads_and_leads_are_found_across_exchanges(stage: Stage) -> None:
    redis = stage.window.redis
    for exchange, symbol, price in ((COINBASE, "ETH-USD", 3_000.0), (BINANCE, "ETH-USD", 3_300.0)):
        keys = Keys(exchange.id)
        await redis.set(keys.epoch, 1)
        await redis.hset(keys.readings, keys.reading_field(symbol, BASE), b"{}")  # type: ignore[arg-type]
        await MarketStore(redis, keys, 1).publish_tickers([PublishTicker(Ticker(symbol, NOW, price))])
    alert = await a_raised_alert(stage)
    follower = replace(alert, exchange=BINANCE, id="5b0c2a9e-0000-5000-8000-000000000001")
    for one in (alert, follower):
        await redis.xadd(Keys(one.exchange.id).alerts, {"alert": encode_alert(one), "epoch": 1})

    answer = await stage.http.get(
        "/api/v1/signals/cross?leastNetPercent=5", headers=await stage.headers(Role.SUBSCRIBER_BASIC)
    )

    assert answer.status_code == 200, answer.text
    told = answer.json()
    (spread,) = told["spreads"]
    assert (spread["buy"]["exchangeName"], spread["sell"]["exchangeName"]) == ("coinbase", "binance")
    assert 5 <= spread["netPercent"] < spread["grossPercent"]
    (lead,) = told["leads"]
    assert (lead["label"], lead["lagMs"]) == (alert.label, 0)


async def test_absurd_questions_are_refused(stage: Stage) -> None:
    headers = await stage.headers()

    for path in ("signals/cross?slippage=-1", "deliveries?cursor=x", "deliveries?limit=0", "alerts/x/provenance"):
        assert (await stage.http.get(f"/api/v1/{path}", headers=headers)).status_code == 422
