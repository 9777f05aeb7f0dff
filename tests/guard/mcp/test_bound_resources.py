"""URIs and what a policy binds: one place has many spellings, and a pattern knows one of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agpc.compiler.check.compiling.load import load_policy
from agpc.guard.enforcing.vocabulary import Vocabulary
from agpc.guard.mcp.bound_resources import BoundResources

from ..middleware.bound import BOUND, OTHERWISE


def places(folder: Path, text: str = BOUND) -> BoundResources:
    (folder / "desk.agp").write_text(text)
    vocabulary = Vocabulary.of(load_policy([folder / "desk.agp"]))
    return BoundResources(lambda: vocabulary)


@pytest.mark.parametrize(
    "uri", [*OTHERWISE, "notes:", " notes://desk/private", "", "private", "//desk/private", None, 1]
)
def test_what_may_be_a_bound_place_is_not_free(tmp_path: Path, uri: object) -> None:
    assert not places(tmp_path).is_free(uri)


def test_another_scheme_is_another_place(tmp_path: Path) -> None:
    found = places(tmp_path)
    assert found.find("notes://desk/public") is not None
    assert found.is_free("other://desk/private?x=1") and found.is_free("notes2:x")
    assert places(tmp_path, BOUND.replace("notes://desk/", "other://")).is_free("notes://x")
    assert not places(tmp_path, BOUND.replace("notes://desk/${id}", "${id}")).is_free("x:y")
