"""Why an alert was raised and what became of it, in one answer; and the same calculation once more."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends

from livermore.api.access import PEOPLE, READERS, need
from livermore.api.auth.person import Person
from livermore.api.models.provenance import (
    ProvenanceShown,
    ReevaluationShown,
    RuleShown,
    StepShown,
)
from livermore.api.routes.alert_shape import alert_shown
from livermore.api.routes.alerts import AlertId, revision_shown
from livermore.api.routes.deliveries import delivery_shown
from livermore.api.routes.readings import candle_shown, reading_shown
from livermore.api.window import TheWindow, Window
from livermore.cache.activity_stream import newest_entries
from livermore.cache.readers import Unreadable
from livermore.cache.window import ReadCandle, folded_series, stored_series
from livermore.core.account.people import Role
from livermore.core.account.settings import rules_of
from livermore.core.alerts.alert import Alert
from livermore.core.alerts.rules import Rules
from livermore.core.reevaluation import Reevaluation, reevaluated, rules_at
from livermore.database.alert_rows import LedgerEntry
from livermore.database.alerts import alert_by_id, revisions_of
from livermore.database.connect import transaction
from livermore.database.deliveries import Delivery, DeliveryStatus, deliveries_of
from livermore.database.settings import all_settings
from livermore.errors import NotFound

CANDLES_SHOWN: Final = 30
ACTIVITY_SEARCHED: Final = 500

router = APIRouter(tags=["alerts"])


@router.get("/alerts/{alert_id}/provenance", summary="Where an alert comes from, and what became of it")
async def show_provenance(
    alert_id: AlertId, window: TheWindow, person: Annotated[Person, Depends(need(READERS))]
) -> ProvenanceShown:
    """The rule, the candles and readings, every step with its time, revisions, and deliveries (one's own)."""
    async with transaction(window.pool) as connection:
        entry = await alert_by_id(connection, str(alert_id))
        if entry is None:
            raise NotFound("the ledger knows no such alert")
        revisions = await revisions_of(connection, str(alert_id))
        deliveries = [
            one
            for one in await deliveries_of(connection, str(alert_id))
            if person.role is Role.ADMIN or one.user_id == person.user_id
        ]
    alert = entry.alert
    series = await stored_series(window.redis, window.keys(alert.exchange), alert.symbol, alert.timeframe)
    candles = [one for one in folded_series(series) if one.candle.opened_at <= alert.opened_at][-CANDLES_SHOWN:]
    return ProvenanceShown(
        alert=alert_shown(alert),
        rule=_rule(alert, (rules_at(series.eras, alert.times.close), *await known_rules(window))),
        epoch=entry.place.epoch,
        instance_id=await _instance_of(window, alert, revisions[0].place.epoch if revisions else entry.place.epoch),
        candles=[candle_shown(one) for one in candles],
        steps=_steps(revisions[0] if revisions else entry, deliveries),
        revisions=[revision_shown(one) for one in revisions],
        deliveries=[delivery_shown(one) for one in deliveries],
        reevaluation=_shown(reevaluated(alert, series.candles, series.snapshot, series.eras)),
    )


@router.post(
    "/alerts/{alert_id}/re-evaluation", summary="Compute an alert once more", dependencies=[Depends(need(PEOPLE))]
)
async def reevaluate_alert(alert_id: AlertId, window: TheWindow) -> ReevaluationShown:
    """From the candles that are stored, by the calculation of the instance: equal, or what is different and why."""
    async with transaction(window.pool) as connection:
        entry = await alert_by_id(connection, str(alert_id))
    if entry is None:
        raise NotFound("the ledger knows no such alert")
    alert = entry.alert
    series = await stored_series(window.redis, window.keys(alert.exchange), alert.symbol, alert.timeframe)
    return _shown(reevaluated(alert, series.candles, series.snapshot, series.eras))


async def known_rules(window: Window) -> Sequence[Rules]:
    """The rules that may have raised an alert: the usual ones, and those that people have set.

    Raises:
        StoreUnavailable: when PostgreSQL cannot be used.
    """
    async with transaction(window.pool) as connection:
        people = await all_settings(connection)
    return tuple({rules.version: rules for rules in (Rules(), *(rules_of(one.settings) for one in people))}.values())


async def _instance_of(window: Window, alert: Alert, epoch: int) -> str | None:
    """Which instance had that epoch, as far as the activity of the exchange tells."""
    entries = await newest_entries(window.redis, alert.exchange.name, ACTIVITY_SEARCHED, window.now())
    for streamed in entries:
        if not isinstance(streamed.entry, Unreadable) and streamed.entry.actor.epoch == epoch:
            return streamed.entry.actor.instance_id
    return None


def _steps(first: LedgerEntry, deliveries: Sequence[Delivery]) -> list[StepShown]:
    times = first.alert.times
    steps = [("closed", times.close), ("received", times.received), ("computed", times.computed)]
    steps += [("committed", times.committed), ("ledgered", first.ledgered_at)]
    steps += [
        (f"told on {one.channel}", one.finished_at) for one in deliveries if one.status is DeliveryStatus.DELIVERED
    ]
    return [StepShown(name=name, at=at) for name, at in steps if at is not None]


def _rule(alert: Alert, known: Sequence[Rules]) -> RuleShown:
    rules = next((one for one in known if one.version == alert.rule_version), None)
    if rules is None:
        return RuleShown(
            version=alert.rule_version,
            first_level=None,
            level_step=None,
            hysteresis=None,
            oversold_buffer=None,
            overbought_buffer=None,
            shortest_cooldown_ms=None,
            candles_needed=None,
        )
    return RuleShown(
        version=rules.version,
        first_level=rules.first_level,
        level_step=rules.level_step,
        hysteresis=rules.hysteresis,
        oversold_buffer=rules.oversold_buffer,
        overbought_buffer=rules.overbought_buffer,
        shortest_cooldown_ms=rules.shortest_cooldown,
        candles_needed=rules.candles_needed,
    )


def _shown(found: Reevaluation) -> ReevaluationShown:
    return ReevaluationShown(
        outcome=found.outcome,
        reasons=found.reasons,
        candle=None if found.candle is None else candle_shown(ReadCandle(found.candle, found.reading)),
        previous=None if found.previous is None else reading_shown(found.previous),
    )
