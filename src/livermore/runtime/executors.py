"""What each command does to an instance; a command is added by adding it to the table at the end."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from livermore.core.account.patch import changes_between
from livermore.core.account.settings import Settings, settings_json
from livermore.core.instance.commands import (
    ClearCache,
    Command,
    CommandType,
    ForceBackfill,
    Json,
    SwitchMode,
)
from livermore.core.instance.lifecycle import CLAIMABLE, State
from livermore.core.market.timeframe import Timeframe
from livermore.core.watch import Mode
from livermore.errors import InvalidRequest, NotPossibleNow
from livermore.runtime.control import Details, Executor, Later, Tell
from livermore.runtime.course import Course
from livermore.runtime.instance import Instance, Tenure
from livermore.runtime.ports import Exchange
from livermore.runtime.session import Session

LOOK_EVERY_SECONDS: Final = 0.25
NAMED_LIMIT: Final = 10


@dataclass(frozen=True, slots=True)
class Desk:
    """What commands act upon; who changes which symbols are watched has `turn` meanwhile."""

    instance: Instance
    course: Course
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


Deed: TypeAlias = Callable[[Desk, Command, Tell], Awaitable[Details | Later]]


def executors(desk: Desk, deeds: Mapping[CommandType, Deed]) -> dict[CommandType, Executor]:
    """The deeds as one instance does them."""
    return {kind: partial(deed, desk) for kind, deed in deeds.items()}


# ------------------------------------------------------------------------------------------------ the lifecycle


async def start(desk: Desk, command: Command, tell: Tell) -> Details | Later:
    """Claim the exchange and serve it; the result comes once it is warm.

    Raises:
        NotPossibleNow: when it is paused: it would not run, and who starts it would believe that it does.
    """
    instance = desk.instance
    if instance.status.connection_state not in CLAIMABLE:
        if instance.status.paused_by is not None:
            raise NotPossibleNow(f"{instance.status.exchange_name} is paused by {instance.status.paused_by}: resume it")
        return {"state": instance.status.connection_state.value, "isChanged": False}
    same = command.issued_by == instance.status.admin_email
    await instance.start(command.issued_by, instance.status.admin_display_name if same else None)
    return _until_warm(desk, tell)


async def stop(desk: Desk, _command: Command, _tell: Tell) -> Details:
    """End the session and give the claim back."""
    before = desk.instance.status.connection_state
    if before in CLAIMABLE:
        return {"state": before.value, "isChanged": False}
    await desk.instance.stop()
    return {"state": desk.instance.status.connection_state.value, "isChanged": True}


async def pause(desk: Desk, command: Command, _tell: Tell) -> Details:
    """End feed and alerts, and keep the claim."""
    status = desk.instance.status
    if status.paused_by is not None:
        return {"pausedBy": status.paused_by, "pausedAt": status.paused_at, "isChanged": False}
    await desk.instance.pause(command.issued_by)
    status = desk.instance.status
    return {"pausedBy": status.paused_by, "pausedAt": status.paused_at, "isChanged": True}


async def resume(desk: Desk, command: Command, tell: Tell) -> Details | Later:
    """Go on after a pause; the result comes once what was missed is caught up with."""
    if desk.instance.session is not None and desk.instance.status.paused_by is None:
        return {"state": desk.instance.status.connection_state.value, "isChanged": False}
    await desk.instance.resume(command.issued_by)
    return _until_warm(desk, tell)


def _until_warm(desk: Desk, tell: Tell) -> Later:
    tenure, session = desk.instance.tenure, desk.instance.session

    async def rest() -> Details:
        if tenure is None or session is None:
            raise NotPossibleNow("the session has ended already")
        while not await _is_warm(desk, tenure, session):
            warmup = session.warmup
            if warmup is not None:
                tell(warmup.done, warmup.total, f"{warmup.done} of {warmup.total} answers of history")
        await desk.instance.show()
        status = desk.instance.status
        return {
            "state": status.connection_state.value,
            "isChanged": True,
            "epoch": status.epoch,
            "symbols": session.symbol_count,
        }

    return Later(rest)


async def _is_warm(desk: Desk, tenure: Tenure, session: Session) -> bool:
    """Whether the session is warm and said to be so; looks for a moment.

    Raises:
        NotPossibleNow: when the session has ended before.
    """
    if tenure.over.is_set():
        raise tenure.failure or NotPossibleNow("it was stopped before it was warm")
    if desk.instance.session is not session:
        raise NotPossibleNow("its session was ended before it was warm")
    if session.warmed.is_set() and desk.instance.status.connection_state is State.ACTIVE:
        return True
    await asyncio.sleep(LOOK_EVERY_SECONDS)
    return False


# ------------------------------------------------------------------------------------------------ settings


async def reload_settings(desk: Desk, _command: Command, tell: Tell) -> Details | Later:
    """Read the settings of the admin again and go by them; the result says what is different.

    A mode that was switched to by command stays, unless it is the mode that was set anew.
    """
    before = desk.course.settings
    after = await desk.course.read_settings(desk.instance.status.admin_email)
    if after is None:
        raise NotPossibleNow("there are no settings to read: this instance has no PostgreSQL (LIVERMORE_DATABASE_HOST)")
    changed: list[Json] = [
        {"path": change.path, "before": change.before, "after": change.after}
        for change in changes_between(settings_json(before or Settings()), settings_json(after))
    ]
    session, exchange = desk.instance.session, desk.course.exchange
    details: dict[str, Json] = {"changed": changed, "isApplied": session is not None}
    if session is None or exchange is None:
        return details
    watch = desk.course.watch(exchange)
    if watch != session.watch:
        await session.change_watch(watch)
    async with desk.turn:
        mode = desk.instance.status.mode
        if before is None or before.runtime.mode is not after.runtime.mode:
            mode = after.runtime.mode
        desk.instance.note(mode=mode)
        return await _watch_only(desk, session, exchange, mode, tell, {**details, "ruleVersion": watch.rules.version})


async def switch_mode(desk: Desk, command: Command, tell: Tell) -> Details | Later:
    """Watch only what is held, or everything."""
    assert isinstance(command.payload, SwitchMode)
    mode, instance = command.payload.mode, desk.instance
    before = instance.status.mode
    details: dict[str, Json] = {"mode": mode.value, "before": before.value, "isChanged": mode is not before}
    if instance.status.paused_by is not None:
        await desk.course.check_mode(instance.status.exchange_id, mode)
        instance.note(mode=mode)
        await instance.show()
        return {**details, "appliesOn": "resume"}
    session, exchange = running_session(desk)
    async with desk.turn:
        outcome = await _watch_only(desk, session, exchange, mode, tell, details)
        instance.note(mode=mode)
        await instance.show()
    return outcome


def followed_by_holdings(desk: Desk, sync: Executor) -> Executor:
    """A command that reads what is held, after which an instance that watches only that watches what it is now."""

    async def synced(command: Command, tell: Tell) -> Details | Later:
        outcome = await sync(command, tell)

        async def rest() -> Details:
            details = dict(await outcome.rest() if isinstance(outcome, Later) else outcome)
            return {**details, **await _watch_what_is_held(desk, tell)}

        return Later(rest)

    return synced


async def _watch_what_is_held(desk: Desk, tell: Tell) -> Details:
    """Watch what is held now, in the mode that watches nothing else; what is not held any more stays if it is all."""
    async with desk.turn:
        session, exchange = desk.instance.session, desk.course.exchange
        if desk.instance.status.mode is not Mode.POSITION_MONITOR or session is None or exchange is None:
            return {}
        try:
            outcome = await _watch_only(desk, session, exchange, Mode.POSITION_MONITOR, tell, {})
        except NotPossibleNow as error:
            return {"watch": f"unchanged: {error}"}
    return await outcome.rest() if isinstance(outcome, Later) else outcome


async def _watch_only(
    desk: Desk, session: Session, exchange: Exchange, mode: Mode, tell: Tell, details: dict[str, Json]
) -> Details | Later:
    """Watch the symbols of a mode and no others; what is new is warmed up while others act."""
    wanted = await desk.course.symbols(exchange, mode, desk.instance.status.admin_email)
    fresh = [symbol for symbol in wanted if symbol not in session.symbols]
    gone = await session.remove_symbols([symbol for symbol in session.symbols if symbol not in wanted])
    details = {**details, "added": len(fresh), "removed": len(gone), "symbols": len(wanted)}
    if not fresh:
        return details

    async def rest() -> Details:
        refused = await session.add_symbols(fresh, series_told(tell, "ready"))
        return {**details, "refused": dict(refused)}

    return Later(rest)


# ------------------------------------------------------------------------------------------------ history


async def force_backfill(desk: Desk, command: Command, tell: Tell) -> Later:
    """Fetch history anew and compare it with what is there."""
    payload = command.payload
    assert isinstance(payload, ForceBackfill)
    session, _ = running_session(desk)
    _check_watched(session, payload.symbols)
    timeframes = payload.timeframes or tuple(Timeframe)

    async def rest() -> Details:
        series = await session.backfill(payload.symbols, timeframes, payload.candles, series_told(tell, "fetched"))
        return {"series": series, "symbols": list(payload.symbols), "timeframes": [one.value for one in timeframes]}

    return Later(rest)


async def clear_cache(desk: Desk, command: Command, tell: Tell) -> Later:
    """Drop candles and readings, and fetch them anew."""
    payload = command.payload
    assert isinstance(payload, ClearCache)
    session, _ = running_session(desk)
    symbols = session.symbols if payload.symbols is None else payload.symbols
    _check_watched(session, symbols)

    async def rest() -> Details:
        await session.clear_cache(symbols, series_told(tell, "ready again"))
        return {"cleared": len(symbols), "isWarm": True}

    return Later(rest)


async def refresh_listing(desk: Desk, _command: Command, _tell: Tell) -> Details:
    """Read again what the exchange lists, and say which of the watched symbols are not traded any more."""
    session, exchange = running_session(desk)
    listed = await desk.course.listed(exchange)
    trading = {symbol for symbol, one in listed.items() if one.is_trading}
    missing: list[Json] = [*sorted(set(session.symbols) - trading)]
    return {"listed": len(listed), "trading": len(trading), "watchedNotTrading": missing}


def series_told(tell: Tell, what: str) -> Callable[[int, int], None]:
    """What tells of series as they are done."""

    def progress(done: int, total: int) -> None:
        tell(done, total, f"{done} of {total} series {what}")

    return progress


def running_session(desk: Desk) -> tuple[Session, Exchange]:
    """The session and the exchange it talks to.

    Raises:
        NotPossibleNow: when there is none; the message says why.
    """
    session, exchange, status = desk.instance.session, desk.course.exchange, desk.instance.status
    if session is None or exchange is None:
        why = f"paused by {status.paused_by}" if status.paused_by is not None else status.connection_state.value
        raise NotPossibleNow(f"{status.exchange_name} is {why}; this needs a session that runs")
    return session, exchange


def _check_watched(session: Session, symbols: tuple[str, ...]) -> None:
    unknown = [symbol for symbol in symbols if symbol not in session.symbols]
    if unknown:
        raise InvalidRequest(f"not watched: {', '.join(unknown[:NAMED_LIMIT])}")


LIFECYCLE: Final[Mapping[CommandType, Deed]] = {
    CommandType.START: start,
    CommandType.STOP: stop,
    CommandType.PAUSE: pause,
    CommandType.RESUME: resume,
    CommandType.RELOAD_SETTINGS: reload_settings,
    CommandType.SWITCH_MODE: switch_mode,
    CommandType.FORCE_BACKFILL: force_backfill,
    CommandType.CLEAR_CACHE: clear_cache,
    CommandType.REFRESH_LISTING: refresh_listing,
}
