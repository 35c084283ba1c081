"""The audit put together: the store and the exchange on one side, the oracle and the comparison on the other."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from redis.asyncio import Redis

from livermore.app.audit_places import exchange_settings, is_simulated_store, store_of
from livermore.app.audit_rows import STORED, Rows, Stand, fetched_rows, stands, stored_rows, stream_entries
from livermore.audit.compare import compared
from livermore.audit.explain import Evidence, explained, utc
from livermore.audit.finding import DAMAGE, ExchangeAudit, Finding, Kind, Outcome, Scope, SeriesName
from livermore.audit.oracle import Recomputed, recomputed
from livermore.cache.connect import keys_on, open_redis
from livermore.cache.keys import Keys
from livermore.cache.readers import StreamedAlert, newest_candles
from livermore.config import Environment
from livermore.core.alerts.alert import Alert, AlertStatus
from livermore.core.market.exchange import WATCHED, ExchangeIdentity
from livermore.core.market.timeframe import DAY, HOUR, SECOND, Millis
from livermore.errors import ExchangeUnavailable, InvalidRequest, LivermoreError
from livermore.exchanges.registry import open_exchange

STREAM_KEEPS: Final = 90 * DAY
LONGEST_WAIT: Final[Mapping[bool, Millis]] = {False: HOUR, True: DAY}
"""So far behind the newest candle of its exchange a series may be that waits for an answer; a simulated one longer, for
much of its time may pass meanwhile."""

NAMES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """What `livermore audit` is told; nothing named means all there is.

    The period is that of the candles that close in ``(since, until]``.
    """

    exchanges: tuple[ExchangeIdentity, ...] = ()
    since: Millis | None = None
    until: Millis | None = None
    symbols: tuple[str, ...] = ()
    is_from_store: bool = False


@dataclass(frozen=True, slots=True)
class Audit:
    """The audits of all exchanges, and how long they took: all in all, and waiting for candles."""

    exchanges: tuple[ExchangeAudit, ...]
    seconds: float
    waited_seconds: float

    @property
    def is_clean(self) -> bool:
        """Whether nothing was missed, false, duplicate or differing anywhere."""
        return all(audit.is_clean for audit in self.exchanges)


@dataclass(frozen=True, slots=True)
class _Job:
    """The audit of one exchange, before its candles are there."""

    exchange: ExchangeIdentity
    keys: Keys
    is_simulated: bool
    since: Millis
    until: Millis
    series: dict[SeriesName, Stand]
    entries: tuple[StreamedAlert, ...]
    is_period_named: bool
    due_until: Millis


async def run_audit(settings: AuditSettings, environment: Environment, home: Path) -> Audit:
    """Compare every alert of the period with what the candles ask for; `home` is where `livermore up` keeps its data.

    Raises:
        ConfigError: when the store or the simulated exchange cannot be found.
        InvalidRequest: when nothing lies in the period, or a symbol is not watched.
        ExchangeError: when the exchange does not answer, or refuses.
        StoreError: when the store cannot be read.
    """
    _check_order(settings.since, settings.until)
    loop = asyncio.get_running_loop()
    began, waited = loop.time(), 0.0
    audits: list[ExchangeAudit] = []
    async with open_redis(store_of(environment, home)) as redis:
        for job in await _jobs(redis, settings):
            asked = loop.time()
            rows = await _rows(redis, job, settings, environment, home)
            waited += loop.time() - asked
            audits.append(await _audit(redis, job, rows, is_from_store=settings.is_from_store))
    return Audit(tuple(audits), loop.time() - began, waited)


def _check_order(since: Millis | None, until: Millis | None) -> None:
    if since is not None and until is not None and since >= until:
        raise InvalidRequest(f"the period ends at {utc(until)}, which is not after its beginning, {utc(since)}")


async def _jobs(redis: Redis, settings: AuditSettings) -> list[_Job]:
    """What there is to audit; an exchange that was named must have something."""
    is_simulated = await is_simulated_store(redis)
    jobs: list[_Job] = []
    watched: set[str] = set()
    for exchange in settings.exchanges or WATCHED:
        keys = keys_on(redis, exchange.id)
        # The series first, the stream after them: whatever they were committed with is then in it.
        series = await stands(redis, keys, settings.since)
        if not series or is_simulated is None:
            if settings.exchanges:
                raise InvalidRequest(f"the store holds no candles of {exchange.display_name}")
            continue
        watched |= {symbol for symbol, _ in series}
        chosen = {name: stand for name, stand in series.items() if name[0] in settings.symbols or not settings.symbols}
        if chosen:
            newest = max(stand.committed_until for stand in series.values())
            jobs.append(await _job(redis, exchange, is_simulated, settings, chosen, newest))
    if not watched:
        raise InvalidRequest("the store holds no candles of any exchange; there is nothing to audit")
    unknown = sorted(set(settings.symbols) - watched)
    if unknown:
        raise InvalidRequest(f"the store holds no candles of {', '.join(unknown)}")
    return jobs


async def _job(
    redis: Redis,
    exchange: ExchangeIdentity,
    is_simulated: bool,
    settings: AuditSettings,
    series: dict[SeriesName, Stand],
    newest: Millis,
) -> _Job:
    due_until = newest - LONGEST_WAIT[is_simulated]
    first = min(stand.watched_since for stand in series.values())
    last = max(newest if stands_still(stand, due_until) else stand.committed_until for stand in series.values())
    until = last if settings.until is None else settings.until
    since = max(first, until - STREAM_KEEPS) if settings.since is None else settings.since
    if since >= last or until <= first or since >= until:
        raise InvalidRequest(
            f"no candle of {exchange.display_name} was watched between {utc(since)} and {utc(until)}; "
            f"what is stored reaches from {utc(first)} to {utc(last)}"
        )
    if not any(closes_within(name[1].millis, max(since, first), min(until, last)) for name in series):
        raise InvalidRequest(
            f"no candle of {exchange.display_name} closes between {_exact(since)} and {_exact(until)}: "
            "there is nothing to judge"
        )
    keys = keys_on(redis, exchange.id)
    entries = await stream_entries(redis, keys)
    is_named = settings.since is not None or settings.until is not None
    chosen = tuple(entry for entry in entries if _is_asked_for(entry, since, until, settings.symbols))
    return _Job(exchange, keys, is_simulated, since, until, series, chosen, is_named, due_until)


def stands_still(stand: Stand, due_until: Millis) -> bool:
    """Whether a series that is watched lacks a candle that should have been committed: it closed by `due_until`."""
    return stand.is_heard and stand.committed_until + stand.timeframe.millis <= due_until


def closes_within(length: Millis, since: Millis, until: Millis) -> bool:
    """Whether a candle of that length closes in ``(since, until]``."""
    return until // length > since // length


def _exact(instant: Millis) -> str:
    """An instant with its milliseconds, where it has any: periods that are too short differ in nothing else."""
    return utc(instant) if instant % SECOND == 0 else f"{utc(instant)[:-1]}.{instant % SECOND:03}Z"


def _is_asked_for(entry: StreamedAlert, since: Millis, until: Millis, symbols: Sequence[str]) -> bool:
    alert = entry.alert
    if not isinstance(alert, Alert):
        return True
    return since < alert.closes_at <= until and (not symbols or alert.symbol in symbols)


async def _rows(
    redis: Redis, job: _Job, settings: AuditSettings, environment: Environment, home: Path
) -> Sequence[Rows]:
    series = [*job.series.values()]
    if settings.is_from_store:
        return await stored_rows(redis, job.keys, job.exchange, series, job.until)
    try:
        told = await exchange_settings(job.exchange, environment, home, is_simulated=job.is_simulated)
        async with open_exchange(job.exchange.name, told) as exchange:
            return await fetched_rows(exchange, series, job.until)
    except ExchangeUnavailable as exc:
        raise _unreachable(job, exc) from exc
    except BaseExceptionGroup as group:
        ours = _first_of_ours(group)
        if ours is None:
            raise
        raise (_unreachable(job, ours) if isinstance(ours, ExchangeUnavailable) else ours) from group


def _unreachable(job: _Job, exc: ExchangeUnavailable) -> ExchangeUnavailable:
    return ExchangeUnavailable(
        f"{job.exchange.display_name} cannot be asked for its candles ({exc}); --from-store takes the stored ones"
    )


def _first_of_ours(group: BaseExceptionGroup[BaseException]) -> LivermoreError | None:
    for error in group.exceptions:
        found = _first_of_ours(error) if isinstance(error, BaseExceptionGroup) else error
        if isinstance(found, LivermoreError):
            return found
    return None


async def _audit(redis: Redis, job: _Job, rows: Sequence[Rows], *, is_from_store: bool) -> ExchangeAudit:
    names = [(one.truth.symbol, one.truth.timeframe) for one in rows]
    again = {name: recomputed(one.truth, job.series[name].rules) for name, one in zip(names, rows, strict=True)}
    versions = {rules.version for one in job.series.values() for rules in (one.rules, *(era.rules for era in one.eras))}
    scopes = {name: _scope(job, name, one) for name, one in zip(again, rows, strict=True)}
    if job.is_period_named and not any(_is_judged(name, scope) for name, scope in scopes.items()):
        raise InvalidRequest(
            f"nothing of {job.exchange.display_name} can be judged between {_exact(job.since)} and "
            f"{_exact(job.until)}: "
            f"{next((scope.before for scope in scopes.values()), 'there is no series')}"
        )
    stream = [entry.alert for entry in job.entries if isinstance(entry.alert, Alert)]
    expected = [alert for series in again.values() for alert in series.alerts]
    outcome = compared(expected, stream, scopes, versions)
    truth = "its 5m candles give" if is_from_store else "the exchange has"
    findings = [*await _explained(redis, job, again, stream, outcome.findings, truth), *_unreadable(job.entries)]
    return ExchangeAudit(
        job.exchange,
        job.is_simulated,
        job.since,
        job.until,
        len(again),
        sum(len(series.truth.rows) for series in again.values()),
        Outcome(outcome.expected, outcome.found, tuple(findings)),
        tuple(_notes(job, rows, is_from_store=is_from_store)),
    )


def _is_judged(name: SeriesName, scope: Scope) -> bool:
    return closes_within(name[1].millis, scope.since, min(scope.until, scope.committed_until))


def _scope(job: _Job, name: SeriesName, rows: Rows) -> Scope:
    stand = job.series[name]
    watched_since = stand.watched_since
    if rows.settles_at > watched_since:
        before = f"there are not enough candles before {utc(rows.settles_at)} to compute it again"
    else:
        before = f"the series was begun anew and is watched since {utc(watched_since)}"
    since = max(job.since, stand.judged_from, rows.settles_at)
    return Scope(since, job.until, stand.committed_until, before, job.due_until if stand.is_heard else 0)


async def _explained(
    redis: Redis,
    job: _Job,
    again: dict[SeriesName, Recomputed],
    stream: Iterable[Alert],
    findings: Iterable[Finding],
    truth: str,
) -> list[Finding]:
    """The findings, with the stored candles looked up for each series that has damage."""
    standing: dict[SeriesName, dict[str, Alert]] = {}
    for alert in stream:
        alerts = standing.setdefault((alert.symbol, alert.timeframe), {})
        alerts[alert.id] = alert
        if alert.status is AlertStatus.RETRACTED:
            del alerts[alert.id]
    evidence: dict[SeriesName, Evidence] = {}
    told: list[Finding] = []
    for finding in findings:
        name = (finding.symbol, finding.timeframe) if finding.timeframe is not None else None
        if finding.kind not in DAMAGE or name is None or name not in again:
            told.append(finding)
            continue
        if name not in evidence:
            stored = await newest_candles(redis, job.keys, name, STORED)
            evidence[name] = Evidence(again[name], stored, tuple(standing.get(name, {}).values()), truth)
        told.append(explained(finding, evidence[name]))
    return told


def _unreadable(entries: Iterable[StreamedAlert]) -> list[Finding]:
    """What stands in the stream and is no alert of ours; nobody can say that it is true."""
    return [
        Finding(Kind.FALSE, entry.cursor, "", None, None, "", detail="cannot be read", reason=entry.alert.reason)
        for entry in entries
        if not isinstance(entry.alert, Alert)
    ]


def _notes(job: _Job, rows: Sequence[Rows], *, is_from_store: bool) -> Iterable[str]:
    """What limits this audit."""
    if is_from_store:
        yield "stored candles are taken for true: an alert that a wrong candle raised or hid is not found"
        holes = sum(one.holes for one in rows)
        if holes:
            yield f"{holes:,} candles within stored series are absent, and taken as buckets without trades"
    stored = [job.series[one.truth.symbol, one.truth.timeframe] for one in rows]
    shortened = sum(one.truth.earlier > 0 for one in rows)
    if shortened:
        yield f"{shortened:,} series are not begun at their first candle; what that changes is rounding"
    unsettled = sum(one.settles_at > job.since for one in rows)
    if unsettled:
        yield f"{unsettled:,} series have too few candles before the period to be judged from its beginning"
    still = [stand for stand in job.series.values() if stands_still(stand, job.due_until)]
    if still:
        names = ", ".join(f"{one.symbol} {one.timeframe} at {utc(one.committed_until)}" for one in still[:NAMES_SHOWN])
        more = f" and {len(still) - NAMES_SHOWN:,} more" if len(still) > NAMES_SHOWN else ""
        yield f"{len(still):,} series stand still while there is news of their symbols: {names}{more}"
    watched = [stand.watched_since for stand in stored]
    later = sum(since > job.since for since in watched)
    if later and min(watched) != job.since:
        yield f"{later:,} series are watched since later than the beginning of the period, and judged from then on"
