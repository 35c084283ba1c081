"""Redis is found by Sentinels, and spoken to under TLS, when the settings say so."""

import asyncio
import contextlib
import datetime
import os
import signal
import ssl
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis.asyncio import Redis

from cache.examples import NOON, SYMBOL, a_candle, a_commit, a_status
from cache.nodes import SECRET, a_server, until, write_with
from livermore.cache.connect import Address, RedisMode, RedisSettings, keys_on, open_redis
from livermore.cache.instances import claim
from livermore.cache.store import MarketStore
from livermore.embedded import valkey as embedded
from livermore.embedded.binary import valkey_binary
from livermore.errors import ConfigError, StoreUnavailable

MASTER = "livermore"


def a_certificate(directory: Path) -> tuple[Path, Path]:
    """A certificate for the loopback that nobody else trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throw-away")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    own = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (directory / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *own))
    return directory / "ca.pem", directory / "key.pem"


@asynccontextmanager
async def behind_tls(server: RedisSettings, certificate: Path, key: Path) -> AsyncIterator[RedisSettings]:
    """The server once more behind TLS, which the wheel's server does not speak itself."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, to = await asyncio.open_connection(server.host, server.port)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(carry(behind, writer), name="back")
            tasks.create_task(carry(reader, to), name="forth")

    async with await asyncio.start_server(relay, "127.0.0.1", 0, ssl=context) as listener:
        port = listener.sockets[0].getsockname()[1]
        yield replace(server, port=port, is_tls=True, ca_file=certificate)


async def test_tls_is_spoken_and_only_the_named_certificate_is_trusted(server: RedisSettings, tmp_path: Path) -> None:
    certificate, key = a_certificate(tmp_path)
    async with behind_tls(server, certificate, key) as secure:
        async with open_redis(secure) as redis:
            keys = keys_on(redis, 1)
            epoch = await claim(redis, keys, a_status("tls"))
            assert isinstance(epoch, int)
            await MarketStore(redis, keys, epoch).commit([a_commit([a_candle(0)])], NOON)

        with pytest.raises(ConfigError, match="LIVERMORE_REDIS_CA_FILE"):
            async with open_redis(replace(secure, ca_file=None)):
                pass


async def test_a_ca_file_that_is_not_there_is_a_matter_for_the_operator(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        async with open_redis(RedisSettings("127.0.0.1", 1, is_tls=True, ca_file=tmp_path / "nowhere.pem")):
            pass


@asynccontextmanager
async def a_sentinel(directory: Path, master: Address) -> AsyncIterator[Address]:
    """A Sentinel that watches a master alone."""
    port = embedded.free_port()
    lines = (
        f"port {port}",
        "bind 127.0.0.1",
        f"sentinel monitor {MASTER} {master.host} {master.port} 1",
        f"sentinel auth-pass {MASTER} {SECRET}",
        f"sentinel down-after-milliseconds {MASTER} 300",
        f"sentinel failover-timeout {MASTER} 2000",
    )
    config = directory / "sentinel.conf"
    config.write_text("\n".join(lines) + "\n")
    process = await asyncio.create_subprocess_exec(
        valkey_binary(), str(config), "--sentinel", cwd=directory, stdout=DEVNULL, stderr=DEVNULL
    )
    client = Redis(host="127.0.0.1", port=port)
    try:
        await until(lambda: _knows_a_replica(client))
        yield Address("127.0.0.1", port)
    finally:
        await client.aclose()
        process.terminate()
        await process.wait()


async def _knows_a_replica(sentinel: Redis) -> bool:
    try:
        masters = await sentinel.sentinel_masters()
    except OSError:
        return False
    except Exception as exc:
        if "Connection" in type(exc).__name__:
            return False
        raise
    return bool(masters[MASTER]["num-slaves"] == 1)


async def test_the_new_master_is_found_when_the_old_one_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_with(lambda: f"primaryauth {SECRET}\nrepl-diskless-sync-delay 0\nrepl-ping-replica-period 1\n", monkeypatch)
    async with AsyncExitStack() as stack:
        master, _ = await a_server(stack, tmp_path / "master")
        replica, of_replica = await a_server(stack, tmp_path / "replica")
        await of_replica.replicaof(master.host, master.port)
        sentinel = await stack.enter_async_context(a_sentinel(tmp_path, Address(master.host, master.port)))
        settings = RedisSettings(
            "",
            0,
            SECRET,
            mode=RedisMode.SENTINEL,
            sentinels=(Address("127.0.0.1", 1), sentinel),
            sentinel_master=MASTER,
        )
        redis = await stack.enter_async_context(open_redis(settings))
        keys = keys_on(redis, 1)
        epoch = await claim(redis, keys, a_status())
        assert isinstance(epoch, int)
        store = MarketStore(redis, keys, epoch)
        await store.commit([a_commit([a_candle(0)])], NOON)
        await redis.execute_command("WAIT", 1, 20_000)
        os.kill(master.pid, signal.SIGKILL)

        with pytest.raises(StoreUnavailable, match="Sentinel"):
            await store.commit([a_commit([a_candle(1)])], NOON)
        async with asyncio.timeout(40):
            while True:
                try:
                    await store.commit([a_commit([a_candle(1)])], NOON)
                except StoreUnavailable:
                    await asyncio.sleep(0.05)
                    continue
                break

        assert (await redis.info("server"))["tcp_port"] == replica.port
        (series,) = (await store.restoration([SYMBOL], 5)).series
        assert series.candles == (a_candle(0), a_candle(1))


async def test_a_master_that_no_sentinel_knows_is_unavailable(tmp_path: Path) -> None:
    nowhere = (Address("127.0.0.1", 1),)
    settings = RedisSettings("", 0, mode=RedisMode.SENTINEL, sentinels=nowhere, sentinel_master=MASTER)

    with pytest.raises(StoreUnavailable, match=MASTER):
        async with open_redis(settings):
            pass
