"""Another name for something gives the same policy, but for the name; and the way back gives the same text."""

from __future__ import annotations

import json
import re
from typing import Any

from generators.policies import WRITTEN
from generators.scenarios import policies_with_tests
from generators.sugar import written_policies
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import Compilation, compile_sources
from agpc.compiler.check.compiling.ir_json import to_json
from agpc.compiler.check.edits.rename import edited, renamed
from agpc.compiler.ir.printing.policy import policy_sources
from agpc.compiler.lowering.uses import Use
from agpc.compiler.text.field_names import segments

PLACES = ("span", "digest", "docs")
DIGEST = re.compile(r"#[0-9a-f]{16}")
LISTED = re.compile(r", |\+")
"""What is in a text that lists names, in their order."""


def declared(compilation: Compilation) -> list[Use]:
    """What may be renamed."""
    return [
        use
        for file in compilation.files
        for use in compilation.uses.in_file(file.span.file)
        if use.is_definition
    ]


def without_names(value: Any, words: re.Pattern[str]) -> Any:
    """A policy without two names, places and digests; what is sorted by name is sorted anew."""
    if isinstance(value, dict):
        kept = {key: without_names(each, words) for key, each in value.items() if key not in PLACES}
        return sorted(([_without(key, words), kept[key]] for key in kept), key=json.dumps)
    if isinstance(value, list):
        return sorted((without_names(each, words) for each in value), key=json.dumps)
    return _without(value, words) if isinstance(value, str) else value


def _without(text: str, words: re.Pattern[str]) -> str:
    bare = DIGEST.sub("", words.sub("§", text))
    return "".join(sorted(bare)) if LISTED.search(bare) else bare


@given(st.data())
def test_another_name_changes_nothing_else(data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        policy = data.draw(policies_with_tests(features=WRITTEN - {"start", "delegate"}))
        sources = list(policy_sources(policy))
    else:
        _, sources = data.draw(written_policies())
    before = compile_sources(sources)
    assert before.policy is not None
    use = data.draw(st.sampled_from(declared(before)))
    old = segments(use.target.name)[-1] if use.target.kind != "package" else use.target.name
    new = "other.package" if use.target.kind == "package" else "renamed_to_this"
    edits = renamed(before, use, new)
    assert edits
    texts = edited(before.sources, edits)
    after = compile_sources(texts)
    assert after.policy is not None
    words = re.compile(rf"(?<![A-Za-z0-9_])(?:{re.escape(old)}|{re.escape(new)})(?![A-Za-z0-9_])")
    one, other = (without_names(to_json(each), words) for each in (before.policy, after.policy))
    assert one == other, (use, _first_difference(one, other))
    again = next(
        each
        for each in after.uses.in_file(use.span.file)
        if each.is_definition and each.span.line == use.span.line and new in each.target.name
    )
    assert edited(texts, renamed(after, again, old)) == list(before.sources)


def _first_difference(one: Any, other: Any) -> str:
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        return next((_first_difference(*pair) for pair in pairs if pair[0] != pair[1]), "")
    return f"{json.dumps(one)[:600]} and {json.dumps(other)[:600]}"
