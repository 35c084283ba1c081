"""Signing in: the server's own links and cookies, and what Clerk says of its users."""

from typing import Final

import msgspec
from fastapi import APIRouter, Depends, Request, Response, status
from svix.webhooks import Webhook, WebhookVerificationError

from livermore import __version__
from livermore.api.access import ADMINS, everybody, need
from livermore.api.auth.claims import header_of
from livermore.api.auth.entering import entered
from livermore.api.auth.gate import checked
from livermore.api.auth.local import ISSUER, LINK_LIFE, REFRESH, Grant, LocalIssuer
from livermore.api.models.people import (
    GrantShown,
    LinkAsked,
    LinkShown,
    ServerShown,
    SignInAsked,
    WebhookTaken,
)
from livermore.api.window import TheWindow, Window
from livermore.core.account.people import Identity, Role
from livermore.database.connect import Connection, transaction
from livermore.database.users import (
    User,
    count_admins,
    end_access,
    upsert_from_identity,
    user_by_subject,
)
from livermore.errors import Forbidden, InvalidRequest, NotFound, Unauthenticated

COOKIE: Final = "livermore_refresh"
COOKIE_PATH: Final = "/api/v1/auth"
LINK_PATH: Final = "/sign-in#token="

router = APIRouter(tags=["sign-in"])
Anybody = [Depends(everybody)]


@router.get("/server", dependencies=Anybody, summary="What to know before signing in")
async def show_server(window: TheWindow) -> ServerShown:
    """The version of the server and how people sign in."""
    return ServerShown(
        version=__version__,
        time=window.now(),
        sign_in="local" if window.gate.local is not None else "oidc",
        issuers=window.gate.issuers,
        clerk_publishable_key=None if window.clerk is None else window.clerk.key,
    )


@router.post("/auth/sign-in", dependencies=Anybody, summary="Use a sign-in link")
async def sign_in(asked: SignInAsked, request: Request, response: Response, window: TheWindow) -> GrantShown:
    """The token of a link holds once; the answer has an access token and sets the cookie that renews it."""
    local = _local(window)
    _check_origin(request)
    email = await local.sign_in(asked.token)
    async with transaction(window.pool) as connection:
        checked(await _entered(connection, email, window.now()))
    return _given(local.grant(email), response, request)


@router.post("/auth/refresh", dependencies=Anybody, summary="Renew the access token")
async def refresh(request: Request, response: Response, window: TheWindow) -> GrantShown:
    """By the cookie alone; a page of another site cannot send it, and its origin is checked besides."""
    local = _local(window)
    _check_origin(request)
    token = request.cookies.get(COOKIE)
    if token is None:
        raise Unauthenticated("nobody is signed in here")
    verified = local.identity(token, header_of(token), REFRESH)
    async with transaction(window.pool) as connection:
        user = await user_by_subject(connection, ISSUER, verified.subject)
    if user is None:
        raise Unauthenticated("you are not known any more")
    checked(user)
    return _given(local.grant(verified.subject), response, request)


@router.post(
    "/auth/sign-out", dependencies=Anybody, status_code=status.HTTP_204_NO_CONTENT, summary="Forget the cookie"
)
async def sign_out(request: Request) -> Response:
    """Nothing else is needed: an access token holds for ten minutes at most."""
    _check_origin(request)
    response = Response(status_code=status.HTTP_204_NO_CONTENT)
    response.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="strict")
    return response


@router.post("/auth/links", dependencies=[Depends(need(ADMINS))], summary="Make a sign-in link")
async def make_link(asked: LinkAsked, window: TheWindow) -> LinkShown:
    """For somebody new too: they are entered when they open it."""
    token = await _local(window).link_token(asked.email)
    return LinkShown(path=LINK_PATH + token, expires_at=window.now() + LINK_LIFE)


@router.post("/webhooks/clerk", dependencies=Anybody, summary="What Clerk says of its users")
async def hear_clerk(request: Request, window: TheWindow) -> WebhookTaken:
    """user.created, user.updated and user.deleted, signed by svix; anything else is taken and ignored."""
    secret = window.webhook_secret
    if secret is None:
        raise NotFound("no webhooks are expected here: LIVERMORE_CLERK_WEBHOOK_SECRET is not set")
    body = await request.body()
    try:
        Webhook(secret).verify(body, dict(request.headers))
    except WebhookVerificationError as exc:
        raise Unauthenticated(f"the webhook is not signed as it must be: {exc}") from exc
    try:
        event = msgspec.json.decode(body, type=_ClerkEvent)
    except msgspec.MsgspecError as exc:
        raise InvalidRequest(f"the webhook cannot be read: {exc}") from exc
    return await _told(event, window)


class _ClerkAddress(msgspec.Struct):
    id: str
    email_address: str
    verification: dict[str, object] | None = None


class _ClerkUser(msgspec.Struct):
    id: str | None = None
    username: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    image_url: str | None = None
    primary_email_address_id: str | None = None
    email_addresses: list[_ClerkAddress] = []


class _ClerkEvent(msgspec.Struct):
    type: str
    data: _ClerkUser


async def _told(event: _ClerkEvent, window: Window) -> WebhookTaken:
    issuer = next(iter(window.gate.issuers), None)
    user = event.data
    if issuer is None or user.id is None:
        return WebhookTaken(outcome="ignored")
    if event.type == "user.deleted":
        return await _deleted(issuer, user.id, window)
    if event.type not in ("user.created", "user.updated"):
        return WebhookTaken(outcome="ignored")
    addresses = sorted(user.email_addresses, key=lambda one: one.id != user.primary_email_address_id)
    if not addresses:
        return WebhookTaken(outcome="ignored")
    address = addresses[0]
    is_verified = (address.verification or {}).get("status") == "verified"
    name = " ".join(part for part in (user.first_name, user.last_name) if part) or None
    identity = Identity(issuer, user.id, address.email_address, is_verified, user.username, name, user.image_url)
    async with transaction(window.pool) as connection:
        await entered(connection, identity, window.now(), admin_email=window.admin_email, is_login=False)
    return WebhookTaken(outcome="created" if event.type == "user.created" else "updated")


async def _deleted(issuer: str, subject: str, window: Window) -> WebhookTaken:
    async with transaction(window.pool) as connection:
        known = await user_by_subject(connection, issuer, subject)
        if known is not None:
            # What is theirs stays: an account that is deleted by mistake has lost nothing.
            await end_access(connection, known.id, window.now())
    if known is None:
        return WebhookTaken(outcome="ignored")
    await window.gate.announce_lost(user_id=known.id)
    return WebhookTaken(outcome="deleted")


async def _entered(connection: Connection, email: str, now: int) -> User:
    """The user of a sign-in link; the first one of a new database is admin."""
    role = Role.USER if await count_admins(connection) else Role.ADMIN
    # Whoever has the link was given it by this server, which is all the proof that a local user has.
    identity = Identity(ISSUER, email, email, is_email_verified=True)
    return await upsert_from_identity(connection, identity, now, role=role)


def _given(grant: Grant, response: Response, request: Request) -> GrantShown:
    response.set_cookie(
        COOKIE,
        grant.refresh_token,
        max_age=(grant.refresh_expires_at - grant.expires_at) // 1_000,
        path=COOKIE_PATH,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return GrantShown(access_token=grant.access_token, expires_at=grant.expires_at)


def _local(window: Window) -> LocalIssuer:
    if window.gate.local is None:
        raise NotFound("people sign in with their identity provider here, not by links")
    return window.gate.local


def _check_origin(request: Request) -> None:
    """Refuse what a page of another site sends; a program sends no origin."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    host = request.headers.get("host", "")
    if origin.partition("://")[2] != host:
        raise Forbidden("that was asked by a page of another site")
