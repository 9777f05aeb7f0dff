"""CIDR ranges in Rego: as they were written, in a bounded size, and of the interpreter's meaning."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engines.hand_policies import FORBID
from engines.rego import Opa, RegoCpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.runtime.values import read_network
from agpc.targets.emission import Options
from agpc.targets.rego import TARGET
from agpc.targets.rego.constants import range_start

from .opa import OPA, needs_opa
from .policies import ALLOW, POLICY, request

IP = ir.Attribute("args", ("ip",), ir.IP)
RANGES = (
    *("0.0.0.0/0", "10.0.0.0/9", "10.128.0.0/10", "10.1.2.3", "192.0.2.128/25", "255.255.255.255"),
    *("::/0", "::1", "2001:DB8::/31", "2001:0db8:0:0::/64", "fe80::/10", "8000::/1"),
)
ODD = (
    *(
        "",
        "10.0.0",
        "10.0.0.01",
        "010.0.0.1",
        "10.0.0.256",
        "10.0.0.1/32",
        "10.0.0.1 ",
        "+10.0.0.1",
    ),
    *(
        "0xa.0.0.1",
        "167772161",
        "fe80::1%eth0",
        "fe80::1%",
        "::ffff:10.0.0.01",
        "::ffff:10.0.0",
        ":::",
    ),
    *(
        "1::2::3",
        "::12345",
        "[::1]",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4:5:6:7::",
        "::g",
    ),
    *("::10.1.2.3:1", "\u0661\u0660.0.0.1", "10.0.0.1\n", "::1\n", "10.1.2.3.", None, 1, ["::1"]),
)


def policy(ranges: tuple[str, ...] = RANGES, name: str | None = None) -> ir.Policy:
    """For each range an allow of what is inside, and a forbid of what may be outside one of them."""
    inside = ir.Within(IP, ir.Constants(ir.IP, ranges[:1]))
    return replace(
        POLICY,
        allows=tuple(
            replace(ALLOW, id=f"p.{kind}.r{at:02}", condition=condition)
            for at, each in enumerate(ranges[:20])
            for kind, condition in (
                ("in", replace(inside, ranges=ir.Constants(ir.IP, (each,)))),
                ("out", ir.Not(replace(inside, ranges=ir.Constants(ir.IP, (each,))))),
            )
        ),
        forbids=(
            replace(FORBID, condition=replace(inside, ranges=ir.Constants(ir.IP, ranges, name))),
        ),
        sets=() if name is None else (ir.ConstantSet(name, ir.IP, ranges),),
    )


def of(address: object) -> Any:
    asked = request()
    asked["action"]["properties"] = {"ip": address}
    return asked


def spellings(number: int, version: int) -> list[str]:
    """An address as people and programs write it."""
    if version == 4:
        v4 = ipaddress.IPv4Address(number)
        return [str(v4), f"::ffff:{v4}", f"::FFFF:{v4}", f"0:0:0:0:0:ffff:{v4}"]
    v6 = ipaddress.IPv6Address(number)
    exploded = v6.exploded
    *groups, high, low = exploded.split(":")
    dotted = ipaddress.IPv4Address(int(high + low, 16))
    return [v6.compressed, exploded, exploded.upper(), ":".join([*groups, str(dotted)])]


def near_edges() -> list[str]:
    found = []
    for each in RANGES:
        network = ipaddress.ip_network(each)
        first, last = int(network[0]), int(network[-1])
        for number in (first - 1, first, (first + last) // 2, last, last + 1):
            if 0 <= number < 1 << network.max_prefixlen:
                found += spellings(number, network.version)
    return found


@needs_opa
def test_opa_reads_addresses_in_every_spelling_as_the_interpreter_does(tmp_path: Path) -> None:
    some = policy()
    asked = [of(each) for each in (*near_edges(), *ODD)]
    found = Opa(OPA, TARGET.emit(some, Options()).files, tmp_path).decide(asked)
    assert found == [interpreter.decide(some, each).to_authzen() for each in asked]


def test_rego_cpp_reads_addresses_in_every_spelling_as_the_interpreter_does() -> None:
    some = policy()
    engine = RegoCpp(some, TARGET.emit(some, Options()).files)
    for each in (*near_edges()[::3], *ODD):
        assert engine.decide(of(each)) == interpreter.decide(some, of(each)).to_authzen(), each


@given(st.integers(0, 32) | st.integers(0, 128), st.integers(0, 2**128 - 1), st.data())
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_the_start_of_a_range_is_of_its_addresses_and_no_others(
    length: int, number: int, data: st.DataObject
) -> None:
    bits = data.draw(st.sampled_from([32, 128] if length <= 32 else [128]))
    number %= 1 << bits
    first = number >> (bits - length) << (bits - length)
    last = first + (1 << (bits - length)) - 1
    start = range_start(bits, first, last)
    for each in {0, first - 1, first, number, last, last + 1, (1 << bits) - 1}:
        if 0 <= each < 1 << bits:
            address = f"v{4 if bits == 32 else 6} {each:0{bits}b}"
            assert address.startswith(start) == (first <= each <= last)


@pytest.mark.parametrize("name", [None, "p.office"])
def test_a_range_is_seen_as_it_was_written_and_once(name: str | None) -> None:
    files = TARGET.emit(policy(name=name), Options()).files
    code = "".join(text for path, text in files.items() if "/rules/" in path or "vocab" in path)
    for each in RANGES:
        assert f': "{each}"' in code
    assert '"v4 000010100": "10.0.0.0/9"' in code


@needs_opa
@pytest.mark.parametrize("name", [None, "p.office"])
def test_many_ranges_stay_small(name: str | None, tmp_path: Path) -> None:
    ranges = tuple(f"10.{at // 8}.{at % 8 * 32}.0/19" for at in range(2000))
    some = policy(ranges, name)
    assert all(read_network(each) is not None for each in ranges)
    files = TARGET.emit(some, Options()).files
    assert sum(map(len, files.values())) < 250_000
    asked = [of("10.249.224.1"), of("10.250.0.0"), of("11.0.0.0"), of("x")]
    opa = Opa(OPA, files, tmp_path)
    assert opa.decide(asked) == [interpreter.decide(some, each).to_authzen() for each in asked]
