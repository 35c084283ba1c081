"""A Redis Cluster, spoken to like one Redis.

All keys of an exchange share a slot, so its scripts run on one node; which one that is, redis-py finds out and follows.
What redis-py leaves to its caller is here: raw frames for the node of a key, streams of several slots at once, and
whether anybody listens to a channel, which each node knows only of itself.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import MovedError, RedisClusterException, RedisError

# What redis-py would ask of every node, replicas that are down included.
_ASKED_OF_ONE: Final = frozenset({"PING", "INFO", "TIME", "CONFIG GET"})


class ClusteredRedis(Redis):
    """A Redis whose commands go to the nodes of a Cluster; `host` and `port` are where it was entered."""

    def __init__(self, cluster: RedisCluster, host: str, port: int) -> None:
        # The pool that this makes is never used: it tells where the Cluster was entered.
        super().__init__(host=host, port=port)
        self._cluster = cluster

    async def enter(self) -> None:
        """Learn which nodes there are."""
        await self._cluster.initialize()

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close the connections to all nodes, also those that are in doubt."""
        await super().aclose(close_connection_pool)
        await self._cluster.aclose()
        await self._cluster.nodes_manager.aclose()
        await self._cluster.nodes_manager.aclose("startup_nodes")

    def doubt(self) -> None:
        """Ask anew which node has which slots before the next command, since one of them did not do its work."""
        # redis-py does the same when a connection breaks, but not when a node is merely silent.
        self._cluster._initialize = True

    async def follow(self, moved: MovedError) -> None:
        """Take note that a slot has another node now."""
        await self._cluster.nodes_manager.move_slot(moved)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Have a command carried out by the node whose it is."""
        if args[0] in _ASKED_OF_ONE and "target_nodes" not in options:
            await self._cluster.initialize()
            options["target_nodes"] = self._cluster.get_default_node()
        return await self._cluster.execute_command(*args, **options)

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Any:
        """Commands that are sent together, to each node its own."""
        return self._cluster.pipeline(transaction=transaction or None, shard_hint=shard_hint)

    def pubsub(self, **options: Any) -> Any:
        """A connection for channels, to the node that has the slot of the first one; each node knows all channels."""
        return self._cluster.pubsub(**options)

    def scan_iter(self, *args: Any, **options: Any) -> Any:
        """The keys of all nodes."""
        return self._cluster.scan_iter(*args, **options)

    async def publish(self, channel: Any, message: Any, **options: Any) -> int:
        """Publish to all nodes; the number of receivers, wherever they are connected."""
        receivers: int = await super().publish(channel, message, **options)
        if receivers:
            return receivers
        # A node counts only those who are connected to itself.
        nodes = self._cluster.get_primaries()
        counted = await self._cluster.execute_command("PUBSUB NUMSUB", channel, target_nodes=nodes)
        return sum(count for _, count in counted)

    async def xread(  # type: ignore[override]
        self, streams: Any, count: int | None = None, block: int | None = None
    ) -> Any:
        """Read streams, be they in several slots; with `block` until the first of them has something."""
        groups = self._by_slot(streams)
        if len(groups) == 1:
            return await super().xread(streams, count, block)
        found = [entry for group in groups for entry in await super(ClusteredRedis, self).xread(group, count)]
        if found or block is None:
            return found
        return await self._first_news(groups, count, block)

    async def _first_news(self, groups: list[dict[Any, Any]], count: int | None, block: int) -> list[Any]:
        # Reading a stream takes nothing out of it: who is cancelled here reads the same the next time.
        async with asyncio.TaskGroup() as tasks:
            waiting = [tasks.create_task(self._news(group, count, block), name="xread") for group in groups]
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in waiting:
                one.cancel()
        outcomes = [one.result() for one in done]
        for outcome in outcomes:
            if not isinstance(outcome, list):
                raise outcome
        return [entry for outcome in outcomes if isinstance(outcome, list) for entry in outcome]

    async def _news(self, group: dict[Any, Any], count: int | None, block: int) -> list[Any] | Exception:
        """What comes, or why nothing does, as a value: a task that fails would bring its error in a group."""
        try:
            news: Any = await super().xread(group, count, block)
        except (RedisError, RedisClusterException, OSError) as exc:
            return exc
        return list(news)

    def _by_slot(self, streams: Mapping[Any, Any]) -> list[dict[Any, Any]]:
        by_slot: dict[int, dict[Any, Any]] = {}
        for name, position in streams.items():
            by_slot.setdefault(self._cluster.keyslot(name), {})[name] = position
        return list(by_slot.values())

    @asynccontextmanager
    async def connection_for(self, key: bytes | str | int) -> AsyncIterator[AbstractConnection]:
        """A connection to oneself, to the node that has `key`; one that was left in the middle is not used again."""
        await self._cluster.initialize()
        manager = self._cluster.nodes_manager
        node = manager.get_node_from_slot(self._cluster.keyslot(key))
        connection = node.acquire_connection()
        try:
            yield connection
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        finally:
            node.release(connection)
