"""Another name for something gives the same policy, but for the name; and the way back gives the same text."""

from __future__ import annotations

import json
import re
from typing import Any

from generators.scenarios import policies_with_tests
from generators.sugar import written_policies
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compile import Compilation, compile_sources
from agpc.compiler.check.ir_json import to_json
from agpc.compiler.check.rename import edited, renamed
from agpc.compiler.ir.print_policy import policy_sources
from agpc.compiler.lowering.uses import Use
from agpc.compiler.text.field_names import segments

PLACES = ("span", "digest", "docs")


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
        kept = {k: without_names(v, words) for k, v in value.items() if k not in PLACES}
        return {words.sub("§", key): kept[key] for key in sorted(kept)}
    if isinstance(value, list):
        return sorted((without_names(each, words) for each in value), key=json.dumps)
    return words.sub("§", value) if isinstance(value, str) else value


@given(st.data())
def test_another_name_changes_nothing_else(data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        policy = data.draw(policies_with_tests())
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
    assert one == other
    again = next(
        each
        for each in after.uses.in_file(use.span.file)
        if each.is_definition and each.span.line == use.span.line and new in each.target.name
    )
    assert edited(texts, renamed(after, again, old)) == list(before.sources)
