"""The server as a process: it says where it is and how to sign in, and leaves when told to."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis

from livermore.api.server import address_of, listening
from livermore.app.database import database_variables
from livermore.app.redis_settings import redis_variables
from livermore.cache.connect import RedisSettings
from livermore.database.connect import DatabaseSettings
from livermore.errors import ConfigError


async def test_a_server_prints_its_address_and_a_link_and_ends_by_a_signal(
    redis: Redis, server: RedisSettings, settings: DatabaseSettings, tmp_path: Path
) -> None:
    """In a process of its own, in a directory of its own."""
    environment = {**os.environ, **redis_variables(server), **database_variables(settings), "LIVERMORE_HTTP_PORT": "0"}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "livermore",
        "server",
        env=environment,
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(50):
            address = (await process.stdout.readline()).decode().split()[-1]
            token = (await process.stdout.readline()).decode().partition("token=")[2].strip()
            async with aiohttp.ClientSession(address) as http:
                signed_in = await http.post("/api/v1/auth/sign-in", json={"token": token})
                grant = await signed_in.json()
                headers = {"authorization": f"Bearer {grant['accessToken']}"}
                me = await (await http.get("/api/v1/users/me", headers=headers)).json()
            again = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "livermore", "server", "--link"),
                env=environment, cwd=tmp_path, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            link, _ = await again.communicate()
            async with aiohttp.ClientSession(address) as http:
                another = {"token": link.decode().partition("token=")[2].strip()}
                accepted = []
                for _ in range(2):
                    async with http.post("/api/v1/auth/sign-in", json=another) as answer:
                        accepted.append(answer.status)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(50):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert (me["role"], me["email"]) == ("admin", "admin@localhost")
    assert process.returncode == 0, said.decode()
    assert (again.returncode, accepted) == (0, [200, 401])
    assert link.decode().startswith(f"Sign in as admin@localhost, once within 24 h: {address}/")
    assert token not in said.decode(), "the log knows no secret"
    keys = list((tmp_path / ".livermore").rglob("*.pem"))
    assert [oct(key.stat().st_mode & 0o777) for key in keys] == ["0o600"]


async def test_answers_leave_without_delay() -> None:
    """What a server accepts is sent at once, not kept until the reader acknowledges what came before."""
    accepted: asyncio.Queue[int] = asyncio.Queue()

    def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.put_nowait(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with listening("127.0.0.1", 0) as listener:
        host, port = listener.getsockname()
        async with await asyncio.start_server(take, sock=listener):
            _, writer = await asyncio.open_connection(host, port)
            async with asyncio.timeout(20):
                is_at_once = await accepted.get()
            writer.close()

    assert is_at_once


def test_an_address_that_is_taken_is_said_in_one_line() -> None:
    with listening("127.0.0.1", 0) as taken:
        port = int(address_of(taken).rpartition(":")[2])
        with pytest.raises(ConfigError, match="LIVERMORE_HTTP_HOST"), listening("127.0.0.1", port):
            raise AssertionError
