"""Addresses are read as Python's `ipaddress` reads them, and ranges hold what they say."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from agpc.runtime.conditions import Ranges
from agpc.runtime.values import in_network, read_address, read_network

OCTETS = st.sampled_from(
    ["0", "1", "9", "10", "99", "100", "199", "249", "255", "256", "01", "", "x", "٣"]
)
NETWORKS = st.one_of(
    st.builds(
        lambda first, bits: str(ipaddress.ip_network((first, bits), strict=False)),
        st.integers(0, 2**32 - 1),
        st.integers(0, 32),
    ),
    st.builds(
        lambda first, bits: str(ipaddress.ip_network((first, bits), strict=False)),
        st.integers(2**96, 2**128 - 1),
        st.integers(0, 128),
    ),
)


@given(st.lists(OCTETS, min_size=3, max_size=5).map(".".join) | st.ip_addresses(v=4).map(str))
def test_ipv4_is_read_as_python_reads_it(text: str) -> None:
    try:
        expected = (32, int(ipaddress.IPv4Address(text)))
    except ValueError:
        expected = None
    assert read_address(text) == expected


PREFIXES = st.sampled_from(["", "/0", "/8", "/08", "/24", "/31", "/32", "/33", "/999"])


@given(st.lists(OCTETS, min_size=3, max_size=5).map(".".join), PREFIXES)
def test_an_ipv4_range_is_read_as_python_reads_it(text: str, prefix: str) -> None:
    try:
        network = ipaddress.ip_network(text + prefix)
        expected = (32, int(network[0]), int(network[-1]))
    except ValueError:
        expected = None
    assert read_network(text + prefix) == expected


@given(st.lists(NETWORKS, max_size=6), st.integers(0, 2**32 - 1) | st.integers(0, 2**128 - 1))
def test_merged_ranges_hold_what_each_holds(networks: list[str], number: int) -> None:
    read = [read_network(each) for each in networks]
    for bits in (32, 128):
        edges = [edge for each in read if each for edge in each[1:]]
        for at in (number, *edges, *(edge + 1 for edge in edges), *(edge - 1 for edge in edges)):
            if 0 <= at < 2**bits:
                expected = any(each and in_network((bits, at), each) for each in read)
                assert ((bits, at) in Ranges(*networks)) is expected
