"""Where a message may go: to public addresses only, unless the operator allows others.

A channel's address is written by people. Without a check it could make the server speak to what only the server can
reach: its own machine, the neighbours in its network, the metadata of a cloud. A name is judged by the addresses it has
at the very moment of the connection, so that it cannot be one thing when it is looked at and another when it is used.
"""

import ipaddress
import socket
import sys
from typing import Final

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from livermore.errors import ChannelRefused

SENDING: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
SHARED: Final = ipaddress.ip_network("100.64.0.0/10")


def is_public(address: str) -> bool:
    """Whether an IP address, as text, is one that everybody on the internet would reach.

    >>> is_public("1.1.1.1"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1"), is_public("169.254.169.254")
    (True, False, False, False)
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
    elif ip in SHARED:
        return False
    return ip.is_global and not ip.is_multicast


def check_literal(host: str) -> None:
    """Refuse a host that is spelled as an address which is not public.

    Raises:
        ChannelRefused: naming it.
    """
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return
    if not is_public(host.strip("[]")):
        raise _refusal(host)


class PublicResolver(AbstractResolver):
    """Finds the addresses of names, and refuses a name that has one which is not public."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses to connect to; these and no others are used."""
        found = await self._resolver.resolve(host, port, family)
        for address in found:
            if not is_public(address["host"]):
                raise _refusal(host)
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._resolver.close()


def refuse_private_connections() -> list[str]:
    """Let no socket of this process reach an address that is not public, whichever library opens it.

    It cannot be undone, so only a process that does nothing else calls it. The list gets the reason of each refusal,
    for libraries keep the errors of their sockets to themselves.
    """
    reasons: list[str] = []

    def judge(event: str, arguments: tuple[object, ...]) -> None:
        if event in SENDING and arguments[1] is not None:
            address = arguments[1]
            # A socket of this machine has a path where others have a host and a port.
            host = str(address[0]) if isinstance(address, tuple) else "a socket of this machine"
            if not is_public(host):
                refusal = _refusal(host)
                reasons.append(str(refusal))
                raise refusal

    sys.addaudithook(judge)
    return reasons


def _refusal(host: str) -> ChannelRefused:
    return ChannelRefused(f"{host} is no public address; LIVERMORE_ALLOW_PRIVATE_TARGETS=true allows such targets")
