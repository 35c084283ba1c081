"""Whose tokens are taken, and whose are not."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from redis.asyncio import Redis
from svix.webhooks import Webhook

from api.stage import NOW, Stage, a_stage
from livermore.api.auth.claims import Issuer
from livermore.api.auth.gate import TrustedIssuer
from livermore.api.auth.jwks import IssuerKeys
from livermore.core.account.people import Role
from livermore.database.connect import Pool, transaction
from livermore.database.users import user_by_email

PARTY = "https://watch.example.org"
WEBHOOK_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


class Provider:
    """An identity provider as Clerk is one: a configuration, a list of keys, and session tokens."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.rotate("one")

    def rotate(self, name: str) -> None:
        self.keys = {name: rsa.generate_private_key(public_exponent=65_537, key_size=2_048)}

    def token(self, key_id: str | None = None, *, headers: Mapping[str, str] | None = None, **claims: Any) -> str:
        """A session token as Clerk makes one."""
        name = key_id or next(iter(self.keys))
        now = int(time.time())
        told = {
            "iss": self.url,
            "sub": "user_2abc",
            "azp": PARTY,
            "iat": now,
            "nbf": now - 10,
            "exp": now + 60,
            "sid": "sess_2abc",
            "email": "ada@example.org",
            "email_verified": True,
        } | claims
        key = self.keys.get(name) or rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        return jwt.encode(told, key, "RS256", {"kid": name, **(headers or {})})


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    found = Provider()

    async def configuration(_: web.Request) -> web.Response:
        return web.json_response({"issuer": found.url, "jwks_uri": f"{found.url}/keys"})

    async def keys(_: web.Request) -> web.Response:
        found.asked += 1
        listed = [
            json.loads(RSAAlgorithm.to_jwk(key.public_key())) | {"kid": name, "use": "sig", "alg": "RS256"}
            for name, key in found.keys.items()
        ]
        return web.json_response({"keys": listed})

    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", configuration)
    app.router.add_get("/keys", keys)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


@pytest.fixture
async def trusting(redis: Redis, pool: Pool, tmp_path: Path, provider: Provider) -> AsyncIterator[Stage]:
    issuer = TrustedIssuer(Issuer(provider.url, None, (PARTY,)), IssuerKeys(provider.url, NOW))
    async with a_stage(redis, pool, tmp_path, trusted=[issuer], webhook_secret=WEBHOOK_SECRET) as made:
        yield made


async def asked(stage: Stage, token: str, method: str = "GET", path: str = "/api/v1/users/me", **more: Any) -> Any:
    return await stage.http.request(method, path, headers={"authorization": f"Bearer {token}"}, **more)


async def test_a_clerk_shaped_token_enters_somebody_and_then_lets_them_in(trusting: Stage, provider: Provider) -> None:
    unknown = await asked(trusting, provider.token())
    entered = await asked(trusting, provider.token(), "POST", "/api/v1/users/sync", json={"displayName": "Ada"})
    me = await asked(trusting, provider.token())

    assert unknown.status_code == 403
    assert entered.status_code == 200
    assert (me.json()["email"], me.json()["displayName"], me.json()["role"]) == ("ada@example.org", "Ada", "user")


async def test_only_a_token_that_is_right_in_every_way_is_taken(trusting: Stage, provider: Provider) -> None:
    await asked(trusting, provider.token(), "POST", "/api/v1/users/sync", json={})
    now = int(time.time())
    right = provider.token()
    head, body, signature = right.split(".")
    wrong = {
        "expired": provider.token(exp=now - 60),
        "not yet": provider.token(nbf=now + 600),
        "wrong issuer": provider.token(iss="https://evil.example.org"),
        "wrong party": provider.token(azp="https://evil.example.org"),
        "unknown key": provider.token("another"),
        "no subject": provider.token(sub=""),
        "changed": f"{head}.{body[:-2]}xx.{signature}",
        "none": jwt.encode(jwt.decode(right, options={"verify_signature": False}), None, "none"),
        "shared secret": jwt.encode({"iss": provider.url, "sub": "user_2abc", "exp": now + 60}, "x" * 40, "HS256"),
        "nonsense": "a.b.c",
        "long": "a" * 9_000,
    }
    answers = {name: (await asked(trusting, token)).status_code for name, token in wrong.items()}

    assert (await asked(trusting, right)).status_code == 200
    assert answers == dict.fromkeys(wrong, 401)


async def test_a_wrong_audience_is_refused(redis: Redis, pool: Pool, tmp_path: Path, provider: Provider) -> None:
    issuer = TrustedIssuer(Issuer(provider.url, "livermore"), IssuerKeys(provider.url, NOW))
    async with a_stage(redis, pool, tmp_path, trusted=[issuer]) as stage:
        right = await asked(stage, provider.token(aud="livermore"), "POST", "/api/v1/users/sync", json={})
        answers = [(await asked(stage, token)).status_code for token in (provider.token(aud="other"), provider.token())]

    assert right.status_code == 200
    assert answers == [401, 401]


async def test_a_new_key_is_asked_for_once_and_nonsense_does_not_make_us_ask(provider: Provider) -> None:
    """The clock is ours: the second question is allowed 30 s after the first."""
    clock = [1_000_000]
    keys = IssuerKeys(provider.url, lambda: clock[0])
    await keys.key("one")
    provider.rotate("two")
    for _ in range(5):
        with pytest.raises(Exception, match="key that its issuer does not have"):
            await keys.key("nonsense")
    after_nonsense = provider.asked
    clock[0] += 31_000
    await keys.key("two")

    assert after_nonsense == 1
    assert provider.asked == 2


async def test_a_sign_in_link_holds_once_and_the_cookie_renews_the_token(stage: Stage) -> None:
    token = await stage.local.link_token("ada@example.org")
    first = await stage.http.post("/api/v1/auth/sign-in", json={"token": token})
    again = await stage.http.post("/api/v1/auth/sign-in", json={"token": token})
    renewed = await stage.http.post("/api/v1/auth/refresh")
    foreign = await stage.http.post("/api/v1/auth/refresh", headers={"origin": "https://evil.example.org"})
    me = await asked(stage, renewed.json()["accessToken"])
    await stage.http.post("/api/v1/auth/sign-out")
    after = await stage.http.post("/api/v1/auth/refresh")

    assert (first.status_code, again.status_code, renewed.status_code) == (200, 401, 200)
    assert (foreign.status_code, after.status_code) == (403, 401)
    assert me.json()["role"] == "admin", "the first user of a new database is admin"
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


async def test_two_who_use_one_link_at_once_are_not_both_let_in(stage: Stage) -> None:
    token = await stage.local.link_token("ada@example.org")
    async with asyncio.TaskGroup() as tasks:
        tries = [
            tasks.create_task(stage.http.post("/api/v1/auth/sign-in", json={"token": token}), name=f"try {number}")
            for number in range(4)
        ]

    assert sorted(one.result().status_code for one in tries) == [200, 401, 401, 401]


async def test_a_refresh_token_is_no_access_token(stage: Stage) -> None:
    await stage.headers(Role.ADMIN, "ada@example.org")
    assert (await asked(stage, stage.local.grant("ada@example.org").refresh_token)).status_code == 401


async def test_clerk_enters_changes_and_removes_its_users(trusting: Stage, provider: Provider) -> None:
    def event(kind: str, **data: Any) -> tuple[str, dict[str, str]]:
        body = json.dumps({"type": kind, "data": {"id": "user_2abc", **data}})
        at = int(time.time())
        signature = Webhook(WEBHOOK_SECRET).sign("msg_1", datetime.fromtimestamp(at, UTC), body)
        return body, {"svix-id": "msg_1", "svix-timestamp": str(at), "svix-signature": signature}

    addresses = [{"id": "idn_1", "email_address": "ada@example.org", "verification": {"status": "verified"}}]
    path = "/api/v1/webhooks/clerk"
    body, headers = event("user.created", email_addresses=addresses, primary_email_address_id="idn_1", first_name="Ada")
    created = await trusting.http.post(path, content=body, headers=headers)
    forged = await trusting.http.post(path, content=body.replace("ada@", "eve@"), headers=headers)
    me = await asked(trusting, provider.token())
    bare = provider.token(email=None)
    synced = await asked(trusting, bare, "POST", "/api/v1/users/sync", json={"displayName": "Ada L."})
    body, headers = event("user.deleted", deleted=True)
    deleted = await trusting.http.post(path, content=body, headers=headers)
    after = await asked(trusting, provider.token())

    assert created.json() == {"outcome": "created"}
    assert forged.status_code == 401
    assert me.status_code == 200
    assert synced.json()["email"] == "ada@example.org", "a token without an address takes none away"
    assert deleted.json() == {"outcome": "deleted"}
    assert after.status_code == 403
    async with transaction(trusting.window.pool) as connection:
        kept = await user_by_email(connection, "ada@example.org")
    assert kept is not None, "what is theirs stays"
    assert not kept.is_active


async def test_the_awaited_admin_is_admin_only_when_the_address_is_proven(
    redis: Redis, pool: Pool, tmp_path: Path, provider: Provider
) -> None:
    issuer = TrustedIssuer(Issuer(provider.url), IssuerKeys(provider.url, NOW))
    async with a_stage(redis, pool, tmp_path, trusted=[issuer], admin_email="Ada@example.org") as stage:
        path = "/api/v1/users/sync"
        claimed = provider.token(sub="eve", email=None)
        eve = await asked(stage, claimed, "POST", path, json={"username": "ada@example.org"})
        unproven = provider.token(sub="mallory", email="mallory@example.org", email_verified=False)
        mallory = await asked(stage, unproven, "POST", path, json={})
        other = await asked(stage, provider.token(sub="bob", email="bob@example.org"), "POST", path, json={})
        ada = await asked(stage, provider.token(), "POST", path, json={})

    assert {answer.json()["role"] for answer in (eve, mallory, other)} == {"user"}
    assert eve.json()["email"].endswith("@unproven.invalid")
    assert ada.status_code == 200, ada.text
    assert ada.json()["role"] == "admin"
