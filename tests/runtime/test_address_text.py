"""Addresses are written the same on every interpreter, and read back as what they are."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agpc.runtime.address_text import write_address, write_network


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("::", 0),
        ("::1", 1),
        ("1::", 1 << 112),
        ("::ffff:a00:1", 0xFFFF0A000001),  # dotted in Python 3.13
        ("2001:db8::1:0:0:1", 0x20010DB8000000000001000000000001),
        ("2001:0:0:1::1", 0x20010000000000010000000000000001),
        ("2001:db8:0:1:1:1:1:1", 0x20010DB8000000010001000100010001),
    ],
)
def test_an_address_is_written_as_rfc_5952_says(text: str, number: int) -> None:
    assert write_address(128, number) == text


@given(
    st.integers(0, 2**128 - 1)
    | st.lists(st.sampled_from((0, 0, 1, 0xFFFF)), min_size=8, max_size=8)
)
def test_an_address_is_read_back_as_itself(drawn: int | list[int]) -> None:
    number = drawn
    if isinstance(drawn, list):
        number = sum(group << 16 * position for position, group in enumerate(drawn))
    assert isinstance(number, int)
    text = write_address(128, number)
    assert int(ipaddress.IPv6Address(text)) == number
    mapped = ipaddress.IPv6Address(number).ipv4_mapped is not None
    assert mapped or text == str(ipaddress.IPv6Address(number))


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_a_range_is_read_back_as_itself(number: int, prefix: int) -> None:
    network = ipaddress.ip_network((number, prefix), strict=False)
    assert write_network(32, int(network.network_address), prefix) == str(network)
