"""Three nodes that make a Cluster, each a Valkey of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.crc import key_slot

from livermore.cache.connect import Address, RedisMode, RedisSettings
from livermore.embedded import valkey as embedded
from livermore.embedded.valkey import EmbeddedValkey

SLOTS = 16_384
SECRET = "0123456789abcdef"


def write_with(options: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every embedded Valkey configured with some more options."""
    write = embedded.write_private

    def written(path: Path, text: str) -> None:
        write(path, text + options() if path.name == embedded.CONFIG_NAME else text)

    monkeypatch.setattr(embedded, "write_private", written)


async def until(is_so: Callable[[], object]) -> None:
    """Return once the question is answered with yes."""
    async with asyncio.timeout(30):
        while not await is_so():  # type: ignore[misc]
            await asyncio.sleep(0.02)


def _as_a_node() -> str:
    options = (
        "cluster-enabled yes",
        f"cluster-port {embedded.free_port()}",
        "cluster-node-timeout 2000",
        f"primaryauth {SECRET}",
        "repl-diskless-sync-delay 0",
    )
    return "\n".join(options) + "\n"


class Nodes:
    """The nodes of a Cluster; `node` is where the slot of an exchange's keys is."""

    def __init__(self, servers: list[EmbeddedValkey], clients: list[Redis]) -> None:
        self.servers = servers
        self.clients = clients

    @property
    def settings(self) -> RedisSettings:
        first, *others = (Address(server.host, server.port) for server in self.servers)
        return RedisSettings(first.host, first.port, SECRET, mode=RedisMode.CLUSTER, nodes=tuple(others))

    @staticmethod
    def slot(key: str) -> int:
        """The slot of a key."""
        return key_slot(key.encode())

    async def owner(self, slot: int) -> int:
        """Which of the nodes has a slot."""
        for number, client in enumerate(self.clients):
            for line in (await client.execute_command("CLUSTER NODES")).values():
                if "myself" in line["flags"] and any(int(a) <= slot <= int(b) for a, b in _ranges(line["slots"])):
                    return number
        raise AssertionError(f"nobody has slot {slot}")

    async def reshard(self, key: str, to: int) -> None:
        """Move the slot of a key, with all that is in it, at one stroke."""
        slot = self.slot(key)
        owner = await self.owner(slot)
        if owner == to:
            return
        source = self.clients[owner]
        target = await self.clients[to].execute_command("CLUSTER MYID")
        await source.execute_command("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", target)
        await until(lambda: self._has(slot, to))

    async def add_replica(self, stack: AsyncExitStack, directory: Path, of: int) -> Redis:
        """One node more, that copies another one."""
        server, client = await a_server(stack, directory / "replica")
        name = await self.clients[of].execute_command("CLUSTER", "MYID")
        await _meet(self.clients[of], server, client)
        await until(lambda: _knows(client, name.decode()))
        await client.execute_command("CLUSTER", "REPLICATE", name)
        self.servers.append(server)
        return client

    async def has_caught_up(self, number: int, replica: Redis) -> bool:
        """Whether a replica has all that its node has."""
        theirs, ours = await self.clients[number].info("replication"), await replica.info("replication")
        is_linked = ours.get("master_link_status") == "up"
        return bool(is_linked and ours["slave_repl_offset"] == theirs["master_repl_offset"])

    async def _has(self, slot: int, number: int) -> bool:
        return await self.owner(slot) == number


def _ranges(slots: list[list[str]]) -> list[tuple[str, str]]:
    return [(one[0], one[-1]) for one in slots]


@asynccontextmanager
async def three_nodes(directory: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Nodes]:
    """A Cluster that has just come together."""
    write_with(_as_a_node, monkeypatch)
    async with AsyncExitStack() as stack:
        servers: list[EmbeddedValkey] = []
        clients: list[Redis] = []
        for number in range(3):
            server, client = await a_server(stack, directory / str(number))
            first, last = number * SLOTS // 3, (number + 1) * SLOTS // 3 - 1
            await client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
            await client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            servers.append(server)
            clients.append(client)
        for server, client in zip(servers[1:], clients[1:], strict=True):
            await _meet(clients[0], server, client)
        await until(lambda: _have_met(clients))
        yield Nodes(servers, clients)


def _share_the_secret(home: Path) -> None:
    home.mkdir()
    (home / embedded.SECRET_NAME).write_text(SECRET)


async def a_server(stack: AsyncExitStack, home: Path) -> tuple[EmbeddedValkey, Redis]:
    """A server with the secret that all of them share, and a client of it."""
    _share_the_secret(home)
    server = await stack.enter_async_context(embedded.open_valkey(home))
    client = Redis(host=server.host, port=server.port, password=server.secret, protocol=2)
    stack.push_async_callback(client.aclose)
    return server, client


async def _meet(host: Redis, guest: EmbeddedValkey, client: Redis) -> None:
    bus = (await client.config_get("cluster-port"))["cluster-port"]
    await host.execute_command("CLUSTER", "MEET", guest.host, guest.port, int(bus))


async def _knows(client: Redis, name: str) -> bool:
    return any(node["node_id"] == name for node in (await client.execute_command("CLUSTER NODES")).values())


async def _have_met(clients: list[Redis]) -> bool:
    for client in clients:
        facts = await client.execute_command("CLUSTER INFO")
        if (
            facts["cluster_state"] != "ok"
            or facts["cluster_known_nodes"] != "3"
            or facts["cluster_slots_ok"] != "16384"
        ):
            return False
    return True
