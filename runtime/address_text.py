"""Addresses as text, the same on every interpreter.

Python's own text of an address changed from 3.12 to 3.13 (IPv4-mapped ones became dotted). What is
written here is RFC 5952, all in hexadecimal: a reader that knows no dotted form reads it as well.
"""

from __future__ import annotations


def write_address(bits: int, number: int) -> str:
    """Write an address of 32 or 128 bits.

    >>> write_address(32, 0x0A000001), write_address(128, 1), write_address(128, 0xFFFF0A000001)
    ('10.0.0.1', '::1', '::ffff:a00:1')
    """
    if bits == 32:
        return ".".join(str(number >> shift & 0xFF) for shift in (24, 16, 8, 0))
    groups = [f"{number >> shift & 0xFFFF:x}" for shift in range(112, -1, -16)]
    start, size = _longest_zeros(groups)
    if size < 2:
        return ":".join(groups)
    return ":".join(groups[:start]) + "::" + ":".join(groups[start + size :])


def write_network(bits: int, number: int, prefix: int) -> str:
    """Write a range by its first address and the length of its prefix.

    >>> write_network(128, 0x20010DB8 << 96, 32)
    '2001:db8::/32'
    """
    return f"{write_address(bits, number)}/{prefix}"


def write_range(bits: int, first: int, last: int) -> str:
    """Write a range by its first and last address, as `values.read_network` gives them.

    >>> write_range(32, 0x0A000000, 0x0AFFFFFF)
    '10.0.0.0/8'
    """
    return write_network(bits, first, bits - (last - first).bit_length())


def _longest_zeros(groups: list[str]) -> tuple[int, int]:
    """Where the first of the longest runs of zeros starts, and how many groups it has."""
    best = (0, 0)
    start = 0
    for position, group in enumerate([*groups, "end"]):
        if group != "0":
            if position - start > best[1]:
                best = (start, position - start)
            start = position + 1
    return best
