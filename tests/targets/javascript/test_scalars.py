"""Times, addresses, patterns, text and windows: read by the library as the runtime reads them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from engines.hand_policies import ALLOW, POLICY, request
from engines.javascript import Module
from hypothesis import given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.runtime.glob import glob_match, parse_glob
from agpc.runtime.values import (
    is_text,
    read_address,
    read_duration,
    read_time,
)
from agpc.runtime.windows import Window
from agpc.targets.javascript.constants import Constants, address

from .answering import module_of_library
from .modules import module_of

TIME_TEXTS = st.one_of(
    st.builds(
        lambda y, mo, d, h, mi, s, f, z: f"{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}{f}{z}",
        st.sampled_from([0, 1, 50, 99, 1600, 1676, 1677, 1678, 1900, 2000, 2024, 2026, 2261, 2262, 9999]),
        st.integers(0, 13),
        st.sampled_from([0, 1, 11, 21, 28, 29, 30, 31, 32]),
        st.sampled_from([0, 12, 23, 24]),
        st.sampled_from([0, 12, 47, 59, 60]),
        st.sampled_from([0, 16, 43, 59, 60]),
        st.sampled_from(["", ".0", ".145224192", ".145224191", ".854775807", ".854775808", ".1234567890", "."]),
        st.sampled_from(["Z", "z", "", "+00:00", "-23:59", "+24:00", "+01:60", "-01:00", "+0100"]),
    ),
    st.text("0123456789-:TZ.+", max_size=25),
)  # fmt: skip
DURATION_TEXTS = st.text("0123456789dhms-. ", max_size=12) | st.sampled_from(
    ["36500d", "36500d1s", "876000h", "876000h1s", "52560000m", "3153600000s", "3153600001s", "999999999d999999999h"]
)  # fmt: skip
ADDRESS_TEXTS = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=6).map(lambda each: each.exploded.upper()),
    st.text("0123456789abcdefFG:.%/", max_size=20),
    st.lists(st.sampled_from(["", "0", "1", "ffff", "FFFF", "00000", "g", "1.2.3.4", "::"]), max_size=10)
    .map(":".join),
    st.sampled_from(["::ffff:1.2.3.4", "::ffff:102:304", "::fffe:1.2.3.4", "::1.2.3.4", "::ffff:01.2.3.4", "1::", "::", "1:2:3:4::5:6:7:8", "1:2:3:4::5:6:7", "1:2::3::4", ":1::", "::1:"]),
)  # fmt: skip


@given(st.lists(TIME_TEXTS, min_size=20, max_size=40), st.lists(DURATION_TEXTS, max_size=20))
def test_times_and_durations_are_read_alike(times: list[str], durations: list[str]) -> None:
    for name, texts, read in (
        ("readTime", times, read_time),
        ("readDuration", durations, read_duration),
    ):
        body = f"return String(module.{name}(text) ?? null)"
        found = module_of_library().run(body, texts, "library/times.js")
        for text, each in zip(texts, found, strict=True):
            assert (None if each == "null" else int(each)) == read(text), text


@given(st.lists(ADDRESS_TEXTS, min_size=10, max_size=40))
def test_addresses_are_read_alike(texts: list[str]) -> None:
    body = "return module.readAddress(text) ?? null"
    for text, each in zip(
        texts, module_of_library().run(body, texts, "library/addresses.js"), strict=True
    ):
        read = read_address(text)
        assert each == (None if read is None else address(*read)), text


LETTERS = st.text("ab🙂𝒳é*", max_size=8)


@given(st.lists(st.tuples(st.text("ab🙂𝒳é*?", max_size=6), LETTERS), min_size=5, max_size=30))
def test_patterns_match_code_points(cases: list[tuple[str, str]]) -> None:
    constants = Constants(ir.Policy())
    names = [constants.glob(pattern) for pattern, _ in cases]
    code = "\n".join(f"const {each.name} = {each.expression};" for each in constants)
    body = f"""
        const {{ ANY, ONE, globMatch }} = module;
        {code}
        return [{", ".join(f"globMatch({n}, {json.dumps(t)})" for n, (_, t) in zip(names, cases, strict=True))}];
    """  # fmt: skip
    (found,) = module_of_library().run(body, path="library/glob.js")
    assert found == [glob_match(parse_glob(pattern), text) for pattern, text in cases]


@given(st.lists(st.text(st.characters(categories=["Cs", "So", "Ll"]) | st.just("\ufffd"))))
def test_broken_text_is_found(texts: list[str]) -> None:
    whole = [json.loads(json.dumps(each)) for each in texts]  # pairs of surrogates become one
    body = "return module.isText(JSON.parse(text))"
    found = module_of_library().run(body, [json.dumps(each) for each in whole], "library/values.js")
    assert found == [is_text(each) for each in whole]


ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Apia",
    "Australia/Lord_Howe", "Africa/Casablanca", "America/St_Johns", "Pacific/Kiritimati",
)  # fmt: skip
LOCAL = """
    const { zone, times, start, end, days } = JSON.parse(text);
    const window = new module.Window(days, start, end, zone);
    return times.map((each) => window.holds(BigInt(each)));
"""


@given(
    st.sampled_from(ZONES),
    st.lists(
        st.datetimes(datetime(2000, 1, 1), datetime(2261, 1, 1))
        | st.builds(
            lambda day, minute: datetime(2026, 1, 1) + timedelta(days=day, minutes=minute),
            st.integers(0, 365),
            st.sampled_from([-1, 0, 59, 60, 61, 119, 120, 121, 180, 1439]),
        ),
        min_size=30,
        max_size=60,
    ),
    st.integers(0, 1439),
    st.integers(0, 1439),
    st.sets(st.integers(0, 6), min_size=1),
)
@settings(max_examples=30)
def test_windows_hold_alike(
    zone: str, moments: list[datetime], start: int, end: int, days: set[int]
) -> None:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    times = [
        (each.replace(tzinfo=UTC) - epoch) // timedelta(microseconds=1) * 1000 for each in moments
    ]
    window = Window(tuple(sorted(days)), start, end, zone)
    asked = {
        "zone": zone,
        "times": [str(each) for each in times],
        "start": start,
        "end": end,
        "days": sorted(days),
    }
    (found,) = module_of_library().run(LOCAL, [json.dumps(asked)], "library/windows.js")
    assert found == [window.holds(each) for each in times]


def test_a_zone_that_is_not_there_is_an_error_at_once(library: Module) -> None:
    with pytest.raises(AssertionError, match="Nowhere"):
        library.run('new module.Window([0], 0, 60, "Mars/Nowhere")', path="library/windows.js")


def test_ids_of_a_family_are_counted_in_characters() -> None:
    family = ir.Family("p.bots", ("spiffe://a.example/🙂/*",), (), (), ALLOW.span)
    policy = replace(POLICY, families=(family,), allows=(replace(ALLOW, agents=("p.bots",)),))
    asked = []
    for more in (0, 1):
        each = request()
        start = "spiffe://a.example/🙂/"
        each["subject"]["id"] = start + "x" * (2048 - len(start) + more)
        asked.append(each)
    found = [each["decision"] for each in module_of(policy).decide(asked)]
    assert found == [True, False]
    assert found == [interpreter.decide(policy, each).decision for each in asked]


def test_many_agents_and_groups_are_forgotten_and_found_again() -> None:
    family = ir.Family("p.bots", ("spiffe://a.example/*",), (), (), ALLOW.span)
    policy = replace(POLICY, families=(family,), allows=(replace(ALLOW, agents=("p.bots",)),))
    body = """
        const request = JSON.parse(text);
        let permits = 0;
        for (let at = 0; at < 10_000; at += 1) {
          request.subject.id = `spiffe://a.example/${at % 5_000}`;
          permits += module.decide(request).decision;
        }
        return permits;
    """
    assert module_of(policy).run(body, [json.dumps(request())]) == [10_000]
