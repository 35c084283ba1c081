"""The public address is asked for, and its absence said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from livermore.config import read_environment
from livermore.errors import ConfigError
from livermore.runtime.public_address import PublicAddress, public_address, run_asking

ANSWERS = {
    "/good": (200, "192.0.2.7\n"),
    "/six": (200, "2001:db8::7"),
    "/page": (200, "<html>your address is 192.0.2.7</html>"),
    "/long": (200, "1" * 100_000),
    "/broken": (503, "192.0.2.7"),
    "/binary": (200, "\u00ff"),
    "/moved": (302, "192.0.2.7"),
}


@asynccontextmanager
async def a_service() -> AsyncIterator[str]:
    """A service on a port of its own."""

    async def say(request: web.Request) -> web.Response:
        status, text = ANSWERS[request.path]
        return web.Response(status=status, text=text, headers={"location": "/good"} if status == 302 else None)

    app = web.Application()
    app.router.add_get("/{what}", say)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(("path", "ip"), [("/good", "192.0.2.7"), ("/six", "2001:db8::7")])
async def test_what_a_service_says_is_the_address(path: str, ip: str) -> None:
    async with a_service() as url:
        assert await public_address([url + path]) == PublicAddress(ip)


@pytest.mark.parametrize("path", ["/page", "/long", "/broken", "/binary", "/moved"])
async def test_what_is_no_address_is_a_problem_that_names_the_service(path: str) -> None:
    async with a_service() as url:
        answer = await public_address([url + path])

    assert answer.ip is None
    assert url + path in (answer.problem or "")


async def test_where_one_service_fails_the_next_is_asked() -> None:
    async with a_service() as url:
        assert await public_address(["http://127.0.0.1:1/", f"{url}/page", f"{url}/good"]) == PublicAddress("192.0.2.7")


async def test_where_nobody_answers_every_reason_is_told() -> None:
    told: list[PublicAddress] = []
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(run_asking(["http://127.0.0.1:1/", "http://127.0.0.1:2/"], told.append), name="ask")
        while not told:
            await asyncio.sleep(0.01)
        asking.cancel()

    assert told[0].ip is None
    assert "127.0.0.1:1" in (told[0].problem or "")
    assert "127.0.0.1:2" in (told[0].problem or "")


async def test_nobody_is_asked_where_that_is_switched_off() -> None:
    told: list[PublicAddress] = []
    await run_asking([], told.append)

    assert told == []


def test_the_services_are_https_or_off(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(url.startswith("https://") for url in read_environment().public_ip_urls)
    monkeypatch.setenv("LIVERMORE_PUBLIC_IP_URLS", "off")
    assert read_environment().public_ip_urls == ()
    monkeypatch.setenv("LIVERMORE_PUBLIC_IP_URLS", "https://a.example, https://b.example")
    assert read_environment().public_ip_urls == ("https://a.example", "https://b.example")
    monkeypatch.setenv("LIVERMORE_PUBLIC_IP_URLS", "http://a.example")
    with pytest.raises(ConfigError, match="LIVERMORE_PUBLIC_IP_URLS"):
        read_environment()
