"""JSON text as the library reads it: as Python does, or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from engines.hand_policies import request
from engines.javascript import Module
from hypothesis import given
from hypothesis import strategies as st

from .answering import module_of_library

NOT_TEXT = (
    "", " ", "{", "}", "[", "[1", "[1,", "[1,]", "[,1]", "{,}", '{"a"}', '{"a":}', '{"a":1,}',
    "{a:1}", "{'a':1}", '"', '"\\', '"\\x"', '"\\u12"', '"\n"', '"\x00"', "01", "+1", ".5", "1.",
    "1e", "-", "NaN", "Infinity", "-Infinity", "nul", "nulll", "true false", "1 2", "[1 2]", "[1}",
    '{"a":1]', "\ufeff1", "\xa01", "//", "1//", '{"a":1,"a":1}', '{"a":1,"\\u0061":2}',
    '[{"b":{"__proto__":1,"__proto__":2}}]', '{"a" 1}', '{"a":1 "b":2}', "[" * 100_000, "{}{}",
)  # fmt: skip
SHOWN = """
    const shown = (value) =>
      value instanceof Map
        ? Object.fromEntries([...value].map(([key, each]) => [`/${key}`, shown(each)]))
        : Array.isArray(value) ? value.map(shown)
        : typeof value === "symbol" ? "INEXACT" : value;
"""
PARSED = f"""{SHOWN}
    try {{ return [shown(module.parsed(text))]; }} catch (error) {{ return error.name; }}
"""


def test_what_is_no_json_text_is_refused(library: Module) -> None:
    found = library.run(PARSED, NOT_TEXT, "library/json_text.js")
    assert dict(zip(NOT_TEXT, found, strict=True)) == dict.fromkeys(NOT_TEXT, "SyntaxError")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda each: abs(each) < 2**53),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)  # fmt: skip


@given(st.lists(st.tuples(JSON_VALUES, st.booleans(), st.sampled_from([None, 1])), max_size=5))
def test_json_text_is_read_as_python_reads_it(values: list[tuple[Any, bool, int | None]]) -> None:
    texts = [
        json.dumps(value, ensure_ascii=ascii_, indent=indent) for value, ascii_, indent in values
    ]
    found = module_of_library().run(PARSED, texts, "library/json_text.js")
    assert found == [[marked(json.loads(text))] for text in texts]


@given(st.lists(st.text('{}[]":,\\ utfalsern0123456789.eE+-\n', max_size=12), max_size=40))
def test_json_text_is_refused_as_json_parse_refuses_it(texts: list[str]) -> None:
    body = f"""{SHOWN}
        const tried = (read) => {{ try {{ read(text); return true; }} catch {{ return false; }} }};
        return [tried(module.parsed), tried(JSON.parse)];
    """
    for text, (strict, lenient) in zip(
        texts, module_of_library().run(body, texts, "library/json_text.js"), strict=True
    ):
        twice = text.count('":') > 1  # a name may stand twice
        assert strict == lenient or (lenient and twice), text


def marked(value: Any) -> Any:
    """A value with each name marked as the runner marks it, so that none is special."""
    match value:
        case dict():
            return {f"/{key}": marked(each) for key, each in value.items()}
        case list():
            return [marked(each) for each in value]
    return value


@pytest.mark.parametrize(
    ("pairs", "permits"), [(0, True), (30, True), (31, False), (200_000, False)]
)
@pytest.mark.parametrize("more", [0, 1])
def test_text_may_nest_as_deep_as_a_request_and_no_deeper(
    pairs: int, more: int, permits: bool, library: Module
) -> None:
    deep = '{"a":[' * pairs + "[" * more + "1" + "]" * more + "]}" * pairs  # below three levels
    text = json.dumps(request(amount=17)).replace("17", deep)
    for body in ("return module.decideText(text)", "return module.decide(JSON.parse(text))"):
        assert library.run(f"{body}.decision", [text]) == [permits]


@pytest.mark.parametrize("place", ["request.action.properties", "request", "request.context", "{}"])
@pytest.mark.parametrize("holder", ["{}", "[]"])
def test_what_holds_itself_is_too_deep_as_a_whole(place: str, holder: str, library: Module) -> None:
    body = f"""
        const request = JSON.parse(text);
        const place = {place};
        const holder = {holder};
        holder[0] = holder;
        place.unread = holder;
        return module.decide(request);
    """
    (found,) = library.run(body, [json.dumps(request())])
    assert found["decision"] is (place == "{}")  # where no request holds it
