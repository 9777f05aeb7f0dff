"""A policy is loaded whole or not at all, named by all that decides, and the same again from what is stored of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agpc.service.policies.generation import (
    Generation,
    GenerationError,
    digest_of,
    from_stored,
    load_generation,
)

POLICY = """\
language 2
package desk
agent alice = "spiffe://desk.example/people/alice" { role?: string }
intent answer "Answer a customer"
tool notes {
    status: string
    read action look(id: string)
    write action put(text: string)
}
grant desk {
    to  alice
    for answer
    allow notes.look when resource.status == "active"
    allow notes.put when agent.role == "lead"
}
"""
MAPPING = """\
[subjects.user]
as = "agent"
id = "spiffe://desk.example/people/{id}"

[resources.note]
as = "desk.notes"
actions = { read = "look" }

[task]
intent = "desk.answer"
"""
DIRECTORY: dict[str, Any] = {
    "attributes": {
        "subjects": {"user": {"role": "directory"}},
        "resources": {"note": {"status": "caller"}},
    },
    "subjects": [{"type": "user", "id": "alice", "properties": {"role": "lead", "room": 4}}],
    "resources": [{"type": "note", "id": "n-1", "properties": {"status": "active"}}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "desk.agp").write_text(POLICY)
    (tmp_path / "mapping.toml").write_text(MAPPING)
    (tmp_path / "directory.json").write_text(json.dumps(DIRECTORY))
    return tmp_path


def loaded(folder: Path) -> Generation:
    return load_generation(
        [folder], mapping=folder / "mapping.toml", directory=folder / "directory.json"
    )


def test_it_is_the_same_again_from_what_is_stored(folder: Path) -> None:
    first = loaded(folder)
    again = from_stored(first.ir, first.mapping_json, first.directory_json)
    assert again.digest == first.digest
    assert again.mapping == first.mapping
    assert again.summary == first.summary
    assert again.engine.decide(None) == first.engine.decide(None)
    assert (again.ir, again.mapping_json, again.directory_json) == (
        first.ir,
        first.mapping_json,
        first.directory_json,
    )


def test_controls_of_a_project_are_known_again(tmp_path: Path) -> None:
    (tmp_path / "house.toml").write_text(
        'name = "House rules"\nversion = "1"\n[controls]\nH-1 = "Doors are shut"\n'
    )
    (tmp_path / "agpc.toml").write_text('[controls]\nhouse = "house.toml"\n')
    policy = POLICY.replace("grant desk {", "grant desk {\n    controls house:H-1")
    (tmp_path / "desk.agp").write_text(policy)
    first = load_generation([tmp_path])
    assert from_stored(first.ir, first.mapping_json, first.directory_json).digest == first.digest


def test_the_digest_does_not_depend_on_the_place(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    for name in ("desk.agp", "mapping.toml", "directory.json"):
        (other / name).write_bytes((folder / name).read_bytes())
    (folder / "x").mkdir()
    (folder / "desk.agp").rename(folder / "x" / "desk.agp")
    moved = load_generation(
        [folder / "x"], mapping=folder / "mapping.toml", directory=folder / "directory.json"
    )
    assert moved.digest == loaded(other).digest


def changed(**parts: Any) -> str:
    return json.dumps({**DIRECTORY, **parts})


@pytest.mark.parametrize(
    ("name", "content", "decides"),
    [
        ("desk.agp", POLICY.replace('== "active"', '!= "archived"'), True),
        ("mapping.toml", MAPPING.replace("people/{id}", "people/alice"), True),
        ("mapping.toml", MAPPING.replace("as = ", "as  =  "), False),
        ("directory.json", changed(subjects=[{"type": "user", "id": "alice", "properties": {"role": "no"}}]), True),
        ("directory.json", changed(subjects=[{"type": "user", "id": "alice", "properties": {"role": "lead", "room": 5}}]), False),
        ("directory.json", changed(resources=[]), False),
        ("directory.json", changed(attributes={"subjects": {"user": {"role": "caller"}}}), True),
        ("directory.json", changed(attributes={"subjects": {"user": {"role": "directory"}}, "resources": {"note": {"status": "directory"}}}), True),
    ],
)  # fmt: skip
def test_the_digest_is_over_all_that_decides_and_nothing_else(
    folder: Path, name: str, content: str, decides: bool
) -> None:
    before = loaded(folder).digest
    (folder / name).write_text(content)
    assert (loaded(folder).digest != before) is decides


def test_the_digest_is_that_of_the_digests_of_the_parts(folder: Path) -> None:
    found = loaded(folder)
    assert found.digest == digest_of(found.ir, found.mapping_json, found.directory_json)
    assert digest_of(b"a", b"b", b"c") != digest_of(b"ab", b"", b"c")
    assert digest_of(b"a", b"b", b"c") != digest_of(b"b", b"a", b"c")


BROKEN = [
    ("desk.agp", "package desk\ngrant {", "AGP1"),
    ("mapping.toml", "[subjects.user", "mapping.toml"),
    ("mapping.toml", "subject = 1", "`: subject: extra"),
    ("mapping.toml", '[subjects.user]\nas = "group"', "subjects.user.as"),
    ("mapping.toml", '[subjects.user]\nas = "user"', "say which agent acts"),
    ("mapping.toml", '[subjects.user]\nas = "agent"\nuser = "x"', "belong to a subject"),
    ("mapping.toml", '[subjects.user]\nas = "agent"\nid = "{id}{id}"', "a template has"),
    ("mapping.toml", '[resources.note]\nas = "desk.nothing"', "no resource"),
    ("mapping.toml", '[resources.tool]\ntools = { put = "desk.notes.nothing" }', "no capability"),
    ("mapping.toml", '[resources.tool]\ntools = { put = "put" }', "a tool is a capability"),
    ("mapping.toml", '[resources.tool]\nas = "desk.notes"\ntools = { put = "desk.notes.put" }', "either"),
    ("mapping.toml", '[resources.tool]\nconformance = true\ntools = { put = "desk.notes.put" }', "nothing for"),
    ("mapping.toml", '[task]\nintent = "desk.nothing"', "no intent"),
    ("mapping.toml", '[task]\nintent = "desk.answer"\nid = "t"', "say one of"),
    ("mapping.toml", "[context]\nip = 1", "context.ip"),
    ("directory.json", "[]", "directory.json"),
    ("directory.json", '{"subjects": [], "subjects": []}', "stands twice"),
    ("directory.json", '{"subjects": [{"type": "user", "id": ""}]}', "this is no name"),
    ("directory.json", '{"subjects": [{"type": "user", "id": "\\ud800"}]}', "directory.json"),
    ("directory.json", changed(subjects=DIRECTORY["subjects"] * 2), "stands twice"),
    ("directory.json", changed(subjects=[{"type": "user", "id": "a/b", "properties": {"role": "x"}}]), "no SPIFFE ID"),
    ("directory.json", changed(attributes={"subjects": {"user": {"role": "me"}}}), "attributes.subjects.user.role"),
    ("directory.json", '{"subjects": [{"type": "user", "id": "a", "properties": {"x": NaN}}]}', "NaN"),
    ("directory.json", "[" * 100_000, "nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "said"), BROKEN)
def test_what_is_wrong_is_said_and_nothing_is_loaded(
    folder: Path, name: str, content: str, said: str
) -> None:
    (folder / name).write_text(content)
    with pytest.raises(GenerationError) as error:
        loaded(folder)
    assert said in str(error.value)
    assert "Traceback" not in str(error.value)


def test_all_that_is_wrong_is_said_at_once(folder: Path) -> None:
    for name in ("desk.agp", "mapping.toml", "directory.json"):
        (folder / name).write_text("{")
    with pytest.raises(GenerationError) as error:
        loaded(folder)
    for said in ("AGP", "mapping.toml", "directory.json"):
        assert said in str(error.value)


def test_files_that_are_not_there_are_said(folder: Path) -> None:
    with pytest.raises(GenerationError) as error:
        load_generation(
            [folder / "no"], mapping=folder / "no.toml", directory=folder / "directory.yaml"
        )
    assert str(error.value).count("no such file") == 3
    (folder / "directory.yaml").write_text("")
    with pytest.raises(GenerationError, match="neither TOML nor JSON"):
        load_generation([folder], directory=folder / "directory.yaml")


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"agp_ir": 99}', b"[" * 100_000])
def test_what_is_stored_and_broken_is_refused(folder: Path, part: int, content: bytes) -> None:
    whole = loaded(folder)
    parts = [whole.ir, whole.mapping_json, whole.directory_json]
    parts[part] = content
    with pytest.raises(GenerationError):
        from_stored(*parts)


@pytest.mark.parametrize("reserved", ["time", "task", "user", "approvals", "step_up", "meters", "sources", "delegation", "starter"])  # fmt: skip
def test_a_mapping_that_would_give_evidence_is_refused(folder: Path, reserved: str) -> None:
    (folder / "mapping.toml").write_text(f'{MAPPING}\n[context]\nclaimed = "{reserved}"\n')
    with pytest.raises(GenerationError, match="never comes from a caller's context"):
        loaded(folder)


def test_one_agent_of_two_entities_is_refused(folder: Path) -> None:
    (folder / "mapping.toml").write_text(MAPPING.replace("{id}", "alice"))
    two = [{"type": "user", "id": id, "properties": {"role": id}} for id in ("a", "b")]
    (folder / "directory.json").write_text(changed(subjects=two))
    with pytest.raises(GenerationError, match="two subjects of the directory are"):
        loaded(folder)


def test_the_stored_directory_has_only_what_decides(folder: Path) -> None:
    assert json.loads(loaded(folder).directory_json) == {
        "attributes": {"subjects": {"user": {"role": "directory"}}, "resources": {}},
        "subjects": [{"type": "user", "id": "alice", "properties": {"role": "lead"}}],
        "resources": [],
    }
