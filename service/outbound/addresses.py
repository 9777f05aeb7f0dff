"""Which addresses the service may send requests to: those of the Internet, unless the settings say that others may be meant.

Whoever chooses a URL, or answers for a name in it, would otherwise reach through the service what only the service can reach.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_INTERNET = ipaddress.IPv6Network("2000::/3")
"""All that is given out of the newer kind. What lies outside may be carried to an older address by whoever is in between, of
which only the well-known translation says how (RFC 6052); others are local (`64:ff9b:1::`), obsolete (`::7f00:1`), or neither."""


def is_public(text: str) -> bool:
    """Whether an address is one of the Internet, whichever way it is written.

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1"), is_public("64:ff9b::7f00:1")
    (True, False, False, False)
    """
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    carried = _carried(found)
    if found.version == 6 and found not in _INTERNET and not carried:
        return False
    return all(each.is_global and not each.is_multicast for each in (found, *carried))


def is_loopback(text: str) -> bool:
    """Whether an address is this machine."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return found.is_loopback


def resolved(host: str, port: int, *, private: bool) -> list[str]:
    """Look a name up, and give its addresses. Raises `OSError` where there are none, or one that may not be meant."""
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    found = list(dict.fromkeys(str(row[4][0]) for row in rows))
    if not found:
        raise OSError("the name has no address")
    if not private and not all(map(is_public, found)):
        raise PermissionError(
            "its address is none of the Internet, and the settings do not allow others"
        )
    return found


def _carried(address: Address) -> list[ipaddress.IPv4Address]:
    """The addresses of the older kind that one of the newer kind stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _TRANSLATED:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [each for each in found if each is not None]
