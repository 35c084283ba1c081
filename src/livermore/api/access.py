"""Who may do what: a role on every route, and a table of them."""

from collections.abc import Iterator
from typing import Final

from fastapi import FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import HTTPConnection

from livermore.api.auth.person import Person
from livermore.api.scopes import Scope
from livermore.core.account.people import Role
from livermore.errors import Forbidden, Unauthenticated

ADMINS: Final = frozenset({Role.ADMIN})
PEOPLE: Final = frozenset({Role.ADMIN, Role.USER})
READERS: Final = frozenset(Role)
NOBODY_NEEDED: Final[frozenset[Role]] = frozenset()


class Need:
    """What a route asks of whoever calls it: one of these roles, by a token, or by a key with that scope."""

    def __init__(self, roles: frozenset[Role], scope: Scope | None) -> None:
        self.roles = roles
        self.scope = scope

    async def __call__(self, request: Request) -> Person:
        """The person who asks.

        Raises:
            Unauthenticated: when it is not known who that is.
            Forbidden: when they may not.
            TooManyRequests: when a key is used more often than it may.
        """
        gate = request.app.state.window.gate
        person: Person = await gate.person_of(token_in(request))
        request.scope["livermore.who"] = person.name
        allow(person, self.roles, self.scope)
        if person.key is not None:
            allowance = await gate.allowance(person.key)
            headers = allowance.headers().items()
            # The frame adds them to whatever is answered, an error too.
            request.scope["livermore.headers"] = [(name.lower().encode(), text.encode()) for name, text in headers]
            allowance.check()
        return person


class Open:
    """What a route says that everybody may call."""

    def __call__(self) -> bool:
        """Let everybody in."""
        return True


_needs: dict[tuple[frozenset[Role], Scope | None], Need] = {}
everybody: Final = Open()


def need(roles: frozenset[Role], scope: Scope | None = None) -> Need:
    """The dependency that lets only these roles in; keys of partners only where a `scope` is named."""
    return _needs.setdefault((roles, scope), Need(roles, scope))


def allow(person: Person, roles: frozenset[Role], scope: Scope | None) -> None:
    """Let the person pass.

    Raises:
        Forbidden: when they may not.
    """
    if person.key is not None:
        if scope is None or scope not in person.key.scopes:
            wanted = "a person, not a key" if scope is None else f"a key with the scope {scope}"
            raise Forbidden(f"that needs {wanted}")
    elif person.role not in roles:
        raise Forbidden(f"that needs the role {' or '.join(sorted(roles))}; yours is {person.role}")


def token_in(connection: HTTPConnection) -> str:
    """The token of a request.

    Raises:
        Unauthenticated: when there is none.
    """
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthenticated("sign in first: the request has no bearer token")
    return token.strip()


def role_table(app: FastAPI) -> Iterator[tuple[str, str, Need | Open | None]]:
    """Every route of the API with its method and what it asks; None where it asks nothing and says nothing."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            asked = [one.call for one in route.dependant.dependencies]
            found = next((one for one in asked if isinstance(one, Need | Open)), None)
            for method in sorted(route.methods or ()):
                yield method, route.path or "", found
