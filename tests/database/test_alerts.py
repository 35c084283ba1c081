"""The ledger holds every alert once, whatever comes twice, late, or from several workers at once."""

import asyncio
import random
from dataclasses import replace

import pytest

from database.examples import OPENED_AT, amended, an_alert, said
from database.server import NOW
from livermore.core.alerts.alert import AlertStatus
from livermore.core.indicators.reading import Quality
from livermore.core.market.exchange import BINANCE, ExchangeIdentity
from livermore.core.market.timeframe import Timeframe
from livermore.database.alert_rows import Place
from livermore.database.alerts import (
    END_OF_TIME,
    LAST_ID,
    AlertCursor,
    AlertFilter,
    Outcome,
    alert_by_id,
    list_alerts,
    list_rejects,
    newest_place,
    record_alerts,
    reject_entry,
    revisions_of,
)
from livermore.database.connect import Connection, Pool, transaction
from livermore.database.queries import DECLARED
from livermore.errors import Conflict, CorruptRecord, InvalidRequest


async def test_an_alert_comes_back_as_it_was(connection: Connection) -> None:
    alert = an_alert()
    assert await record_alerts(connection, [said(alert, 5)], NOW) == (Outcome.NEW,)
    found = await alert_by_id(connection, alert.id)
    assert found is not None
    assert (found.alert, found.place, found.revision, found.ledgered_at) == (alert, Place(1, 5, 0), 0, NOW)
    assert found.place.stream_id == "5-0"
    assert await newest_place(connection, 1) == Place(1, 5, 0)
    assert await newest_place(connection, 2) is None


@pytest.mark.parametrize("price", [1e-12, 0.1 + 0.2, 1e100, 5e-324, 123456789.123456789])
async def test_no_price_loses_a_digit(connection: Connection, price: float) -> None:
    alert = replace(an_alert(), price=price)
    await record_alerts(connection, [said(alert)], NOW)
    found = await alert_by_id(connection, alert.id)
    assert found is not None
    assert found.alert.price == price


async def test_what_comes_twice_is_there_once(connection: Connection) -> None:
    entry = said(an_alert())
    assert await record_alerts(connection, [entry, entry], NOW) == (Outcome.NEW, Outcome.REPEATED)
    assert await record_alerts(connection, [entry], NOW) == (Outcome.REPEATED,)
    assert len(await revisions_of(connection, entry.alert.id)) == 1


async def test_the_same_alert_raised_again_elsewhere_in_the_stream_is_there_once(connection: Connection) -> None:
    """A store that came back empty is filled anew: other places, other times, the same alerts."""
    alert = an_alert()
    again = replace(alert, times=replace(alert.times, received=NOW, computed=NOW, committed=NOW))
    await record_alerts(connection, [said(alert, 5)], NOW)
    assert await record_alerts(connection, [said(again, 9, epoch=2)], NOW) == (Outcome.REPEATED,)


async def test_what_was_told_in_time_does_not_turn_late_when_a_store_that_lost_it_says_it_again(
    connection: Connection,
) -> None:
    """As after a failover; but other numbers, or one that was taken back, are news."""
    alert, other, gone = an_alert(), an_alert(1), an_alert(2)
    confirmed = Quality(299, 2.2e-05, 0.0, True)
    late = replace(alert, status=AlertStatus.LATE, quality=confirmed, value=alert.value * (1 + 1e-9))
    await record_alerts(connection, [said(alert, 5), said(amended(other), 6), said(gone, 7)], NOW)
    await record_alerts(connection, [said(replace(gone, status=AlertStatus.RETRACTED), 8)], NOW)
    again = [
        said(late, 9, epoch=2),
        said(replace(amended(other), status=AlertStatus.LATE), 10, epoch=2),
        said(replace(gone, status=AlertStatus.LATE), 11, epoch=2),
        said(replace(late, value=alert.value + 0.1), 12, epoch=2),
    ]

    assert await record_alerts(connection, again, NOW) == (
        Outcome.REPEATED, Outcome.REPEATED, Outcome.REVISED, Outcome.REVISED
    )  # fmt: skip


async def test_amendments_and_retractions_are_kept_as_revisions(connection: Connection) -> None:
    alert = an_alert()
    gone = replace(alert, status=AlertStatus.RETRACTED)
    entries = [said(alert, 1), said(amended(alert), 2), said(gone, 3)]
    assert await record_alerts(connection, entries, NOW) == (Outcome.NEW, Outcome.REVISED, Outcome.REVISED)
    found = await alert_by_id(connection, alert.id)
    assert found is not None
    assert (found.alert.status, found.revision) == (AlertStatus.RETRACTED, 2)
    revisions = await revisions_of(connection, alert.id)
    assert [entry.alert for entry in revisions] == [alert, amended(alert), gone]
    assert [entry.revision for entry in revisions] == [0, 1, 2]


async def test_what_was_said_last_stands_in_whichever_order_it_arrives(connection: Connection) -> None:
    chance = random.Random(7)
    for number in range(12):
        alert = an_alert(number)
        entries = [said(alert, 1)] + [said(amended(alert, 151.0 + at), at) for at in range(2, 6)]
        last = entries[-1].alert
        entries.append(said(amended(alert, 999.0), 9, epoch=0))
        chance.shuffle(entries)
        for entry in entries + entries[:3]:
            await record_alerts(connection, [entry], NOW)
        found = await alert_by_id(connection, alert.id)
        assert found is not None
        assert (found.alert, found.revision) == (last, 5)
        places = [entry.place for entry in await revisions_of(connection, alert.id)]
        assert places == sorted(places)
        assert len(places) == 6


async def test_workers_at_once_enter_each_alert_once(pool: Pool) -> None:
    entries = [said(an_alert(number), number + 1) for number in range(40)]

    async def work(seed: int) -> tuple[Outcome, ...]:
        mine = random.Random(seed).sample(entries, len(entries))
        found: list[Outcome] = []
        for start in range(0, len(mine), 8):
            # By id, so that no two wait for each other.
            batch = sorted(mine[start : start + 8], key=lambda entry: entry.alert.id)
            async with transaction(pool) as connection:
                found += await record_alerts(connection, batch, NOW)
        return tuple(found)

    async with asyncio.TaskGroup() as tasks:
        working = [tasks.create_task(work(seed), name=f"worker {seed}") for seed in range(4)]
    outcomes = [outcome for task in working for outcome in task.result()]
    assert outcomes.count(Outcome.NEW) == 40
    assert outcomes.count(Outcome.REPEATED) == 120


async def test_a_transaction_that_fails_enters_nothing(pool: Pool) -> None:
    alert = an_alert()
    unknown = replace(an_alert(1), exchange=ExchangeIdentity(99, "x", "X"))
    with pytest.raises(Conflict):
        async with transaction(pool) as connection:
            await record_alerts(connection, [said(alert), said(unknown)], NOW)
    async with transaction(pool) as connection:
        assert await alert_by_id(connection, alert.id) is None


async def test_a_list_can_be_walked_to_its_end_without_loss(connection: Connection) -> None:
    alerts = [
        an_alert(number, label) for number in range(5) for label in ("level_150", "level_200", "reversal_oversold")
    ]
    await record_alerts(connection, [said(alert, 1) for alert in alerts], NOW)
    seen: list[str] = []
    sizes: list[int] = []
    cursor: AlertCursor | None = None
    while not sizes or cursor is not None:
        page = await list_alerts(connection, AlertFilter(), limit=4, after=cursor)
        sizes.append(len(page.entries))
        seen += [entry.alert.id for entry in page.entries]
        cursor = page.next
    assert sizes == [4, 4, 4, 3]
    assert seen == [alert.id for alert in sorted(alerts, key=lambda alert: (alert.closes_at, alert.id), reverse=True)]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (AlertFilter(), 3),
        (AlertFilter(symbol="BTC-USD"), 1),
        (AlertFilter(label="level_-150"), 1),
        (AlertFilter(exchange_id=2), 1),
        (AlertFilter(timeframe=Timeframe.H1), 0),
        (AlertFilter(status=AlertStatus.LATE), 1),
        (AlertFilter(since=OPENED_AT + 600_000), 2),
        (AlertFilter(until=OPENED_AT + 600_000), 1),
        (AlertFilter(symbol="'; DROP TABLE livermore.alerts; --"), 0),
    ],
)
async def test_a_list_is_filtered(connection: Connection, wanted: AlertFilter, count: int) -> None:
    alerts = [
        an_alert(0, symbol="BTC-USD"),
        an_alert(1, "level_-150"),
        replace(an_alert(2), exchange=BINANCE, status=AlertStatus.LATE),
    ]
    await record_alerts(connection, [said(alert) for alert in alerts], NOW)
    assert len((await list_alerts(connection, wanted)).entries) == count


async def test_an_alert_that_is_not_ours_is_named_and_hides_no_other(connection: Connection) -> None:
    alerts = [an_alert(number) for number in range(4)]
    await record_alerts(connection, [said(alert) for alert in alerts], NOW)
    foreign = (alerts[1].id, alerts[3].id)
    await connection.execute(
        "UPDATE livermore.alerts SET stage = 'sideways' WHERE id = ANY(%s::uuid[])", [list(foreign)]
    )
    newest = await list_alerts(connection, AlertFilter(), limit=1)
    rest = await list_alerts(connection, AlertFilter(), limit=3, after=newest.next)

    assert (newest.entries, list(newest.unreadable)) == ((), [alerts[3].id])
    assert [entry.alert.id for entry in rest.entries] == [alerts[2].id, alerts[0].id]
    assert list(rest.unreadable) == [alerts[1].id]
    assert rest.next is None


async def test_what_cannot_be_an_id_is_refused(pool: Pool) -> None:
    with pytest.raises(InvalidRequest):
        async with transaction(pool) as connection:
            await alert_by_id(connection, "not an id")


async def test_what_somebody_else_wrote_is_said_to_be_corrupt(connection: Connection) -> None:
    alert = an_alert()
    await record_alerts(connection, [said(alert)], NOW)
    await connection.execute("UPDATE livermore.alerts SET quality = '{}'")
    with pytest.raises(CorruptRecord, match="is not ours"):
        await alert_by_id(connection, alert.id)


async def test_what_cannot_be_read_is_set_aside_once(connection: Connection) -> None:
    for _ in range(2):
        await reject_entry(connection, 1, (5, 0), "no JSON", b"\xff" * 30_000, NOW)
    (found,) = await list_rejects(connection)
    assert (found.reason, len(found.raw), found.stream_ms) == ("no JSON", 20_000, 5)


MANY = """
INSERT INTO livermore.alerts
SELECT gen_random_uuid(), 1 + n % 3, 'S' || n % 400 || '-USD', '5m', n * 300000::bigint, (n + 1) * 300000::bigint,
       'level_' || 50 * (n % 40), 'up', 1, 1, 1, 1, 1, 'ranging', 'neutral', '[]', '{}', '{}', 'v', 'fired', true,
       1, n, 0, 0, 1
FROM generate_series(1, 20000) AS n
"""


async def test_a_page_of_many_alerts_is_read_from_an_index(connection: Connection) -> None:
    """No walk through the table, and no sort but of the few that a filter leaves: a page costs the same for ever."""
    await connection.execute("SET statement_timeout = 0")
    await connection.execute(MANY)
    await connection.execute("ANALYZE livermore.alerts")
    for wanted in (
        AlertFilter(),
        AlertFilter(exchange_id=1),
        AlertFilter(symbol="S7-USD"),
        AlertFilter(label="level_300"),
        AlertFilter(exchange_id=1, symbol="S7-USD", since=5_000_000),
        AlertFilter(timeframe=Timeframe.H1),
        AlertFilter(status=AlertStatus.RETRACTED),
    ):
        plan = await plan_of(connection, wanted)
        assert "Seq Scan" not in plan, plan
        assert "Incremental Sort" not in plan, plan
        assert "Index Scan using alerts_" in plan or "Bitmap Index Scan on alerts_" in plan, plan
    plan = await plan_of(connection, AlertFilter(timeframe=Timeframe.H1))
    assert "alerts_timeframe" in plan, "what is rare is not looked for among all"


async def plan_of(connection: Connection, wanted: AlertFilter) -> str:
    values = {
        "exchange_id": wanted.exchange_id,
        "symbol": wanted.symbol,
        "timeframe": wanted.timeframe,
        "label": wanted.label,
        "direction": None,
        "status": wanted.status,
        "since": 0,
        "until": END_OF_TIME,
        "before_close": END_OF_TIME,
        "before_id": LAST_ID,
        "limit": 50,
    }
    cursor = await connection.execute("EXPLAIN " + DECLARED["alerts.list_alerts"].sql, values)
    return "\n".join(row[0] for row in await cursor.fetchall())
