"""The one place where a token or a key becomes somebody who may come in, or stays outside."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec
import structlog
from redis.asyncio import Redis

from livermore.api.auth.allowance import Allowance, allowance_of
from livermore.api.auth.claims import Issuer, header_of, identity_in, issuer_in
from livermore.api.auth.identity import Verified
from livermore.api.auth.jwks import IssuerKeys
from livermore.api.auth.local import ISSUER, LocalIssuer
from livermore.api.auth.person import PartnerKey, Person
from livermore.api.scopes import Scope
from livermore.cache.connect import answered
from livermore.cache.keys import ACCESS_CHANNEL
from livermore.core.account.people import Role
from livermore.core.market.timeframe import HOUR, SECOND, Millis
from livermore.database.api_keys import MARK, key_of, usable_of
from livermore.database.connect import Pool, transaction
from livermore.database.users import User, user_by_id, user_by_subject
from livermore.errors import Forbidden, StoreUnavailable, Unauthenticated

log = structlog.get_logger("livermore.api")

REMEMBERED_FOR: Final[Millis] = HOUR
REMEMBERED: Final = 10_000
ASKED_AGAIN_AFTER: Final[Millis] = 2 * SECOND
NOT_SYNCED: Final = "nobody here is known by that token yet; POST /api/v1/users/sync enters you"


class Visitor(Protocol):
    """A connection that stays open, and ends when its person loses access."""

    @property
    def person(self) -> Person | None:
        """Who it is."""

    def shut(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """An issuer beside our own, and its keys."""

    issuer: Issuer
    keys: IssuerKeys


@dataclass(frozen=True, slots=True)
class _Remembered:
    person: Person
    at: Millis


class Gate:
    """Lets people in: by tokens of the trusted issuers, by our own where there is one, by the keys of partners.

    Whether somebody may still come in is asked of PostgreSQL with every request. While it is away those who were let in
    within the hour still are, so that the market can be watched on.
    """

    def __init__(
        self,
        redis: Redis,
        pool: Pool,
        now: Callable[[], Millis],
        *,
        local: LocalIssuer | None,
        trusted: Sequence[TrustedIssuer] = (),
    ) -> None:
        self._redis = redis
        self._pool = pool
        self._now = now
        self.local = local
        self._trusted = {one.issuer.url: one for one in trusted}
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._visitors: set[Visitor] = set()
        self._away_until: Millis = 0

    @property
    def issuers(self) -> tuple[str, ...]:
        """The trusted issuers beside our own."""
        return tuple(self._trusted)

    async def verified(self, token: str) -> Verified:
        """Whom a token names, known here or not.

        Raises:
            Unauthenticated: when the token is not taken.
            StoreUnavailable: when the keys of its issuer cannot be had.
        """
        header = header_of(token)
        named = issuer_in(token)
        if named == ISSUER and self.local is not None:
            return self.local.identity(token, header)
        trusted = self._trusted.get(named or "")
        if trusted is None:
            raise Unauthenticated("the token is of an issuer that is not trusted here")
        key = await trusted.keys.key(header.key_id)
        return identity_in(token, key, header.algorithm, trusted.issuer)

    async def person_of(self, token: str) -> Person:
        """Who comes with this token or key, now.

        Raises:
            Unauthenticated: when the token or the key is not taken.
            Forbidden: when they are not known, or may not come in any more.
            StoreUnavailable: when that cannot be found out.
        """
        if token.startswith(MARK):
            return await self._holder_of(token)
        verified = await self.verified(token)
        name = f"{verified.issuer} {verified.subject}"
        if self._now() < self._away_until:
            return self._recalled(name, verified.expires_at)
        try:
            async with transaction(self._pool) as connection:
                user = await user_by_subject(connection, verified.issuer, verified.subject)
        except StoreUnavailable:
            # Not everybody has to wait in turn for a database that is not there.
            self._away_until = self._now() + ASKED_AGAIN_AFTER
            return self._recalled(name, verified.expires_at)
        if user is None:
            raise Forbidden(NOT_SYNCED)
        person = Person(checked(user).id, user.email, user.role, verified.expires_at)
        self._remember(name, person)
        return person

    async def _holder_of(self, text: str) -> Person:
        async with transaction(self._pool) as connection:
            key = await key_of(connection, text, self._now())
            user = None if key is None else await user_by_id(connection, key.user_id)
        if key is None or user is None:
            raise Unauthenticated("the key is unknown, revoked or expired")
        scopes = frozenset(scope for scope in Scope if scope in key.scopes)
        partner = PartnerKey(key.id, scopes, key.requests_per_minute)
        return Person(user.id, user.email, Role.SUBSCRIBER_BASIC, key.expires_at, partner)

    async def allowance(self, key: PartnerKey) -> Allowance:
        """What is left to a key in this minute, this request counted."""
        return await allowance_of(self._redis, key, self._now())

    def _remember(self, name: str, person: Person) -> None:
        self._remembered[name] = _Remembered(person, self._now())
        self._remembered.move_to_end(name)
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    def _recalled(self, name: str, until: Millis) -> Person:
        found = self._remembered.get(name)
        if found is None or self._now() - found.at > REMEMBERED_FOR:
            raise StoreUnavailable("whether you may come in cannot be found out at the moment")
        person = found.person
        return Person(person.user_id, person.email, person.role, until)

    def join(self, visitor: Visitor) -> None:
        """Take note of a connection that stays open."""
        self._visitors.add(visitor)

    def connections_of(self, key: PartnerKey) -> int:
        """How many connections a key has open at this server."""
        persons = (visitor.person for visitor in self._visitors)
        return sum(one is not None and one.key is not None and one.key.id == key.id for one in persons)

    def leave(self, visitor: Visitor) -> None:
        """Forget a connection."""
        self._visitors.discard(visitor)

    async def announce_lost(self, *, user_id: int | None = None, key_id: int | None = None) -> None:
        """Have every server end what a user, or a key, has open.

        Raises:
            StoreUnavailable: when Redis cannot be used; then `run_rechecks` finds it out within 15 s.
        """
        self.lose(user_id=user_id, key_id=key_id)
        async with answered(self._redis):
            await self._redis.publish(ACCESS_CHANNEL, msgspec.json.encode({"userId": user_id, "keyId": key_id}))

    def lose(self, *, user_id: int | None, key_id: int | None) -> None:
        """End what a user, or a key, has open on this server."""
        for name in [name for name, found in self._remembered.items() if found.person.user_id == user_id]:
            del self._remembered[name]
        for visitor in list(self._visitors):
            person = visitor.person
            if person is None:
                continue
            has_key = person.key is not None and person.key.id == key_id
            if has_key or person.user_id == user_id:
                visitor.shut()

    async def recheck(self) -> None:
        """End what those have open who have lost access in any way, role changes included.

        Raises:
            StoreUnavailable: when PostgreSQL cannot be used.
        """
        persons = {visitor: visitor.person for visitor in self._visitors}
        users = {person.user_id for person in persons.values() if person is not None}
        keys = {person.key.id for person in persons.values() if person is not None and person.key is not None}
        if not users:
            return
        async with transaction(self._pool) as connection:
            found = {user_id: await user_by_id(connection, user_id) for user_id in users}
            usable = await usable_of(connection, keys, self._now()) if keys else frozenset()
        for visitor, person in persons.items():
            if person is None:
                continue
            user = found[person.user_id]
            is_out = user is None or not user.is_active or (person.key is None and user.role is not person.role)
            if is_out or (person.key is not None and person.key.id not in usable):
                visitor.shut()


def checked(user: User) -> User:
    """The user, if they may come in.

    Raises:
        Forbidden: when they may not any more.
    """
    if not user.is_active:
        raise Forbidden("your access has ended; ask an admin")
    return user
