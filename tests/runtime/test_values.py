"""How values are read, against the standard library and against rules written another way."""

from __future__ import annotations

import datetime
import ipaddress
import json
import math
import posixpath
from fractions import Fraction
from typing import Any

import pytest
from generators import hostile_text
from generators.requests import HOSTILE, NOT_JSON
from generators.texts import BROKEN
from hypothesis import given
from hypothesis import strategies as st

from agpc.runtime.time_text import format_time
from agpc.runtime.values import (
    MAX_INT,
    NANOSECONDS,
    in_network,
    is_spiffe_segment,
    is_text,
    json_equal,
    path_segments,
    read_address,
    read_duration,
    read_int,
    read_network,
    read_number,
    read_time,
    relative_segments,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(("", "a", *BROKEN)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)
READERS = (
    is_text, read_int, read_number, read_time, read_duration, read_address, read_network,
    path_segments,
    relative_segments,
)  # fmt: skip


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("value", [*HOSTILE, *NOT_JSON, *BROKEN], ids=lambda each: repr(each)[:20])
def test_no_reader_raises(reader: Any, value: object) -> None:
    reader(value)


@given(st.text())
def test_no_reader_raises_on_text(text: str) -> None:
    for reader in READERS:
        reader(text)


# --- Text and numbers -----------------------------------------------------------------------------


@given(st.text() | st.sampled_from(BROKEN))
def test_text_is_what_utf8_carries(text: str) -> None:
    try:
        whole = "\ufffd" not in text.encode("utf-8").decode("utf-8")
    except UnicodeEncodeError:
        whole = False
    assert is_text(text) is whole


@given(
    st.integers() | st.floats() | st.integers(-(2**70), 2**70) | st.sampled_from((2**53, -(2**53)))
)
def test_a_number_is_a_double_and_an_int_is_a_whole_one(value: float) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        assert read_number(value) is None and read_int(value) is None
        return
    exact = Fraction(value)
    try:
        double = float(value)
    except OverflowError:
        double = math.inf
    is_double = math.isfinite(double) and Fraction(double) == exact
    assert read_number(value) == (double if is_double else None)
    is_int = exact.denominator == 1 and abs(exact) <= MAX_INT
    assert read_int(value) == (int(exact) if is_int else None)


@pytest.mark.parametrize("value", [True, False, "1", None, [1], 1j, b"1"])
def test_what_is_no_number(value: object) -> None:
    assert read_number(value) is None
    assert read_int(value) is None


# --- Times and durations --------------------------------------------------------------------------

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
ZONES = st.integers(-1439, 1439).map(
    lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes))
)
MOMENTS = st.datetimes(
    datetime.datetime(1678, 1, 1), datetime.datetime(2261, 12, 31), timezones=ZONES
)


@given(MOMENTS)
def test_a_time_is_that_of_the_standard_library(moment: datetime.datetime) -> None:
    expected = (moment - EPOCH) // datetime.timedelta(microseconds=1) * 1_000
    assert read_time(moment.isoformat()) == expected
    assert read_time(moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")) == expected


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_nanosecond_is_written_and_read(instant: int) -> None:
    written = format_time(instant)
    assert read_time(written) == instant
    assert format_time(read_time(written) or 0) == written


@given(st.integers(2**63, 2**64) | st.integers(-(2**64), -(2**63) - 1))
def test_no_nanosecond_beyond_64_bits_is_read(instant: int) -> None:
    try:
        written = format_time(instant)
    except OverflowError:
        return
    assert read_time(written) is None


@given(st.from_regex(r"\A[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z\Z"))
def test_a_time_that_no_calendar_has_is_none(text: str) -> None:
    try:
        moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.UTC)
    except ValueError:
        assert read_time(text) is None
    else:
        seconds = (moment - EPOCH) // datetime.timedelta(seconds=1)
        fits = -(2**63) <= seconds * NANOSECONDS < 2**63 and moment.second < 60
        assert read_time(text) == (seconds * NANOSECONDS if fits else None)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from("dhms")), max_size=5))
def test_a_duration_has_each_unit_once_and_in_order(parts: list[tuple[int, str]]) -> None:
    text = "".join(f"{count}{unit}" for count, unit in parts)
    sizes = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
    units = [unit for _, unit in parts]
    total = sum(count * sizes[unit] for count, unit in parts)
    right = bool(parts) and units == sorted(set(units), key="dhms".index)
    right = right and total <= 36_500 * 86_400
    assert read_duration(text) == (total * NANOSECONDS if right else None)


# --- Addresses ------------------------------------------------------------------------------------


@given(st.ip_addresses())
def test_an_address_is_read_in_every_spelling(address: Any) -> None:
    expected = (address.max_prefixlen, int(address))
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        expected = (32, int(mapped))
    for spelling in {str(address), address.exploded, str(address).upper()}:
        assert read_address(spelling) == expected
    if address.version == 4:
        assert read_address(f"::ffff:{address}") == expected
        assert read_address(f"0{address}") is None


@given(st.ip_addresses(), st.ip_addresses(), st.integers(0, 128))
def test_a_network_holds_what_the_standard_library_says(one: Any, two: Any, length: int) -> None:
    if getattr(two, "ipv4_mapped", None) is not None:
        return
    network = ipaddress.ip_network((two, min(length, two.max_prefixlen)), strict=False)
    if getattr(network.network_address, "ipv4_mapped", None) is not None:
        assert read_network(str(network)) is None
        return
    address, read = read_address(str(one)), read_network(str(network))
    assert address is not None and read is not None
    plain = getattr(one, "ipv4_mapped", None) or one
    assert in_network(address, read) == (plain.version == network.version and plain in network)
    for edge in (network.network_address, network.broadcast_address):
        inside = read_address(str(edge))
        assert inside is not None
        if getattr(edge, "ipv4_mapped", None) is None:
            assert in_network(inside, read)


@pytest.mark.parametrize(
    "text",
    ["10.0.0.0/255.0.0.0", "10.0.0.0/0.255.255.255", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1",
     "10.0.0.0/", "/8", "::/129", "::ffff:0:0/96", "::ffff:10.0.0.0/104", "fe80::%eth0/64", "",
     "10.0.0.0/8/8", "10.0.0.0/08 ", "10/8", "10.0.0.0/\u0668"],
)  # fmt: skip
def test_what_is_no_network(text: str) -> None:
    assert read_network(text) is None


# --- Paths and identities -------------------------------------------------------------------------

PATHS = st.lists(st.sampled_from(("a", "b", "..", ".", "", "...", "a.b", "/", "\\")), max_size=5)


@given(PATHS.map("/".join) | hostile_text().map("/".__add__))
def test_a_path_is_one_that_normalising_leaves_as_it_is(path: str) -> None:
    segments = path_segments(path)
    whole = path.startswith("/") and path != "/" and posixpath.normpath(path) == path
    whole = whole and not path.startswith("//")
    assert (segments is not None) is whole
    if segments is not None:
        assert "/" + "/".join(segments) == path


@given(PATHS.map("/".join) | hostile_text())
def test_a_relative_path_is_one_that_normalising_leaves_as_it_is_below_where_it_starts(
    path: str,
) -> None:
    segments = relative_segments(path)
    whole = posixpath.normpath(path) == path and path != "." and not path.startswith("/")
    assert (segments is not None) is (whole and path.split("/")[0] != "..")
    if segments is not None:
        assert "/".join(segments) == path


@given(hostile_text() | st.text("aZ0._-/*~%", max_size=4))
def test_a_spiffe_segment_has_the_characters_of_the_standard(text: str) -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
    assert is_spiffe_segment(text) == (
        bool(text) and set(text) <= allowed and text not in (".", "..")
    )


# --- Equality -------------------------------------------------------------------------------------


def canonical(value: Any) -> str:
    """A text that is the same for values that are equal as JSON; NaN and broken text raise."""
    if isinstance(value, dict):
        return json.dumps({canonical(k): canonical(v) for k, v in value.items()}, sort_keys=True)
    if isinstance(value, list):
        return json.dumps([canonical(each) for each in value])
    if isinstance(value, str):
        assert is_text(value)
        return json.dumps(value)
    if value is None or isinstance(value, bool):
        return repr(value)
    number = read_number(value)
    assert number is not None
    return repr(Fraction(number))


@given(JSON, JSON)
def test_equal_is_equal_as_json(left: Any, right: Any) -> None:
    try:
        expected = canonical(left) == canonical(right)
    except AssertionError:
        # Something that JSON cannot carry whole: it equals nothing, unless it is not reached.
        assert not json_equal(left, left) or not json_equal(right, right)
        return
    assert json_equal(left, right) is expected
    assert json_equal(right, left) is expected
    assert json_equal(left, left)


def test_equality_of_deep_values_does_not_recurse() -> None:
    one: Any = 1
    two: Any = 1.0
    for _ in range(100_000):
        one, two = [{"a": one}], [{"a": two}]
    assert json_equal(one, two)
    assert not json_equal(one, [two])
