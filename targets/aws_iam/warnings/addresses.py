"""Whether AWS ever sees the addresses that a policy asks for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator

from ....compiler.report.diagnostics import Diagnostic, at
from ..limits import PRIVATE_NETWORKS, PUBLIC_ADDRESS, VPC_ADDRESS
from ..rules.statements import CapabilityPart

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PRIVATE = tuple(map(ipaddress.ip_network, PRIVATE_NETWORKS))


def unseen_addresses(parts: Iterable[CapabilityPart]) -> Iterator[Diagnostic]:
    """Warn, once for each rule, where a private address would have to be a public one."""
    found = {
        (part.rule.id, value): part.rule.span
        for part in parts
        for statement in part.statements
        for test in statement.tests
        if test.key.lower() == PUBLIC_ADDRESS.lower()
        for value in test.values
        if isinstance(value, str) and "Ip" in test.operator and _is_private(value)
    }
    told = set()
    for (rule, network), span in found.items():
        if rule not in told:
            told.add(rule)
            yield at(
                "AGP5008",
                span,
                f"`{rule}` asks whether `{PUBLIC_ADDRESS}` is in `{network}`, which no public "
                "address is",
                help=f"bind it to `{VPC_ADDRESS}`, and have the calls go through VPC endpoints",
            )


def _is_private(text: str) -> bool:
    """Whether all of a range is private; IPv4 as IPv6 only goes along with what it stands for."""
    network = ipaddress.ip_network(text)
    return any(_is_within(network, each) for each in _PRIVATE)


def _is_within(network: Network, other: Network) -> bool:
    if isinstance(network, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return network.subnet_of(other)
    if isinstance(network, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return network.subnet_of(other)
    return False
