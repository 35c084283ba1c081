"""What a browser is told of Clerk before anybody has signed in, and what it may load then."""

from pathlib import Path

import httpx
from redis.asyncio import Redis

from api.stage import Stage, a_stage
from livermore.api.auth.clerk import ClerkFront
from livermore.database.connect import Pool

KEY = "pk_test_Y2xlcmsuZXhhbXBsZS5vcmck"
ORIGIN = "https://clerk.example.org"
CHALLENGES = "https://challenges.cloudflare.com"


def policy_of(answer: httpx.Response) -> dict[str, list[str]]:
    """The content security policy, by directive."""
    parts = [part.split(" ") for part in answer.headers["content-security-policy"].split("; ")]
    return {name: sources for name, *sources in parts}


async def test_with_clerk_its_key_is_told_and_exactly_what_it_documents_may_be_loaded(
    stage: Stage, redis: Redis, pool: Pool, tmp_path: Path
) -> None:
    without = policy_of(await stage.http.get("/"))
    async with a_stage(redis, pool, tmp_path, clerk=ClerkFront(KEY, ORIGIN)) as trusting:
        shown = (await trusting.http.get("/api/v1/server")).json()
        with_clerk = policy_of(await trusting.http.get("/"))
    added = {name: [one for one in with_clerk[name] if one not in without[name]] for name in with_clerk}

    assert shown["clerkPublishableKey"] == KEY
    assert {name: sources for name, sources in added.items() if sources} == {
        "script-src": [ORIGIN, CHALLENGES, "https://*.protect.clerk.com"],
        "connect-src": [ORIGIN, "https://*.protect.clerk.com:*"],
        "frame-src": [CHALLENGES, "https://*.protect.clerk.com"],
    }
    assert "'none'" not in with_clerk["frame-src"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "https:", "*"} & set(with_clerk["script-src"])
    # What Clerk needs besides, everybody has.
    assert {"'self'", "blob:"} <= set(with_clerk["worker-src"])
    assert "https:" in with_clerk["img-src"]


async def test_without_clerk_nothing_of_others_may_be_loaded(stage: Stage) -> None:
    shown = (await stage.http.get("/api/v1/server")).json()
    policy = policy_of(await stage.http.get("/"))

    assert shown["clerkPublishableKey"] is None
    assert (policy["script-src"], policy["connect-src"], policy["frame-src"]) == (["'self'"], ["'self'"], ["'none'"])
