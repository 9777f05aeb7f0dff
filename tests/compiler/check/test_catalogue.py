"""A project's own controls: in which files they may stand, what they mean, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import agpc
from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.check.compiling.ir_json import dumps, loads
from agpc.compiler.check.compiling.memory import Memory
from agpc.compiler.check.project.catalogue_file import CatalogueError, read_catalogues
from agpc.compiler.check.project.settings_file import SettingsError, catalogue_near, read_settings
from agpc.compiler.lowering.names.controls import STANDARDS, Catalogue, Framework
from agpc.compiler.report.source import Source

TOML = """
name = "Acme controls"
version = "2026.1"
[controls]
A2 = "Agents act with an identity of their own"
GOV-2 = "Somebody answers for every agent"
"AC-2(1)" = "Account management"
"""
OSCAL = {
    "catalog": {
        "uuid": "6a1c2d0e-7f3b-4c58-9a4e-1b2c3d4e5f60",
        "metadata": {"title": "Acme controls", "version": "2026.1"},
        "groups": [
            {"title": "g", "controls": [{"id": "A2", "title": "Identity"}]},
            {"groups": [{"controls": [{"id": "b1", "title": "B", "controls": [
                {"id": "b1.1", "title": "B, more"}]}]}]},
        ],
        "controls": [{"id": "GOV-2", "title": "Owner"}],
    }
}  # fmt: skip
POLICY = """
package a
owner "x" contact "y"
controls {}
agent b = "spiffe://x/y"
"""


def read(directory: Path, text: str, name: str = "acme.toml") -> Framework:
    (directory / name).write_text(text, encoding="utf-8")
    (found,) = read_catalogues({"acme": name}, directory)
    return found


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
    found = read(tmp_path, TOML)
    assert (found.name, found.version, found.source) == ("Acme controls", "2026.1", "acme.toml")
    assert list(found.controls) == ["A2", "GOV-2", "AC-2(1)"]
    document = {"name": found.name, "version": found.version, "controls": dict(found.controls)}
    assert read(tmp_path, json.dumps(document), "acme.json").controls == found.controls


def test_an_oscal_catalog_is_one(tmp_path: Path) -> None:
    found = read(tmp_path, json.dumps(OSCAL), "acme.json")
    assert (found.name, found.version) == ("Acme controls", "2026.1")
    assert found.controls == {"A2": "Identity", "b1": "B", "b1.1": "B, more", "GOV-2": "Owner"}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("x.toml", TOML + 'A2 = "again"\n', "`x.toml` is not TOML: cannot overwrite a value (at line 8"),
        ("x.json", '{"name": "a", "name": "b"}', '`x.json`: the key "name" stands twice'),
        ("x.json", "[1]", "`x.json`: a catalogue is a table with `name`, `version` and `controls`"),
        ("x.json", "{", "`x.json`: not JSON:"),
        ("x.json", "[" * 5000, "`x.json`: nested too deeply"),
        ("x.toml", "nam = 'a'", "`x.toml`: `nam`: a catalogue has no such field: did you mean `name`?"),
        ("x.toml", "name = 'a'\nversion = '1'", "`controls`: name at least one control"),
        ("x.toml", "name = 'a'\nversion = '1'\ncontrols = 3", "`controls`: name at least one control"),
        ("x.toml", "name = 'a'\nversion = 1\ncontrols.A = 'b'", "`version`: this has to be a text in quotes"),
        ("x.toml", "name = 'a'\ncontrols.A = 'b'", "`version`: it is missing"),
        ("x.toml", "name = ''\nversion = '1'\ncontrols.A = 'b'", "`name`: the text is empty"),
        ("x.toml", "name = 'a'\nversion = '1'\ncontrols.A = 3", "`controls.A`: this has to be a text in quotes"),
        ("x.toml", "name = 'a'\nversion = '1'\ncontrols.'A 1' = 'b'", "`controls.A 1`: a label is letters"),
        ("x.toml", "name = 'a'\nversion = '1'\ncontrols.'\u202e' = 'b'", "`controls.<U+202E>`: a label is letters"),
        ("x.json", '{"catalog": []}', "`catalog`: this has to be an object"),
        ("x.json", '{"catalog": {}}', "`catalog.metadata`: it is missing"),
        ("x.json", '{"catalog": {"metadata": {}, "controls": {}}}', "`catalog.controls`: this has to be a list"),
        ("x.json", '{"catalog": {"metadata": {}, "controls": [{"id": "A"}]}}', "`catalog.controls.0.title`: it is missing"),
        (
            "x.json",
            '{"catalog": {"metadata": {}, "controls": [{"id": "A", "title": "a"}, {"id": "A", "title": "b"}]}}',
            "`catalog.controls.1`: the control `A` stands twice",
        ),
    ],
)  # fmt: skip
def test_a_hostile_catalogue_is_told_with_its_place(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as raised:
        read_catalogues({"acme": name}, tmp_path)
    assert problem in str(raised.value)


def test_bytes_that_are_no_text_and_what_is_no_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"name = 'a'\n\xff")
    (tmp_path / "directory").mkdir()
    for name, problem in {
        "x.toml": "`x.toml` is not UTF-8, in line 2",
        "none.toml": "cannot read `none.toml`: no such file or directory",
        "directory": "`directory` is not a file",
        "a\0b": "cannot read `a<U+0000>b`",
    }.items():
        with pytest.raises(CatalogueError) as raised:
            read_catalogues({"acme": name}, tmp_path)
        assert problem in str(raised.value)


@pytest.mark.parametrize(
    "given", ["../acme.toml", "sub/../../acme.toml", "link.toml", "out/acme.toml", "{}/acme.toml"]
)
def test_a_catalogue_stands_below_the_settings(tmp_path: Path, given: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "acme.toml").write_text(TOML)
    (inside / "link.toml").symlink_to(tmp_path / "acme.toml")
    (inside / "out").symlink_to(tmp_path)
    with pytest.raises(CatalogueError, match="outside of the directory"):
        read_catalogues({"acme": given.format(tmp_path)}, inside)


@pytest.mark.parametrize("id", ["nist-csf-2.0", "a:b", "", "a b", "\u202e"])
def test_a_framework_has_a_name_of_its_own(tmp_path: Path, id: str) -> None:
    (tmp_path / "acme.toml").write_text(TOML)
    with pytest.raises(CatalogueError):
        read_catalogues({id: "acme.toml"}, tmp_path)


def test_settings_name_catalogues(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(TOML)
    path = tmp_path / "agpc.toml"
    path.write_text("[controls]\nacme = 'acme.toml'")
    assert [each.id for each in read_settings(path).controls.own] == ["acme"]
    path.write_text("sellect = []\n[controls]\nacme = 'acme.toml'")
    assert "acme:GOV-2" in catalogue_near(tmp_path).titles  # and nothing else is read
    path.write_text("[controls]\nacme = 3")
    with pytest.raises(SettingsError, match=r"`controls\.acme`: input should be a valid string"):
        catalogue_near(tmp_path)


OWN = Catalogue((Framework("acme", "Acme", "1", {"A2": "x", "GOV-2": "y"}),))
TWO = Catalogue((*OWN.own, Framework("other", "Other", "1", {"A2": "z"})))


@pytest.mark.parametrize(
    ("written", "catalogue", "meant"),
    [
        ("acme:A2, acme:GOV-2", OWN, ("acme:A2", "acme:GOV-2")),
        ('"A2", "GOV-2"', OWN, ("acme:A2", "acme:GOV-2")),
        ('other:A2, "GOV-2", nist-csf-2.0:PR.AA-05', TWO, ("acme:GOV-2", "nist-csf-2.0:PR.AA-05", "other:A2")),
    ],
)  # fmt: skip
def test_labels_mean_controls(written: str, catalogue: Catalogue, meant: tuple[str, ...]) -> None:
    source = Source("x.agp", POLICY.format(written))
    policy = compile_sources([source], catalogue=catalogue).policy
    assert policy is not None
    assert policy.packages[0].controls == meant


@pytest.mark.parametrize(
    ("written", "catalogue", "message", "help"),
    [
        ('"A2"', STANDARDS, "the catalogue has no framework `A2`", "write each control with its framework"),
        ('"GOV2"', OWN, "the catalogue has no framework `GOV2`", "did you mean `GOV-2`?"),
        ("acme:A3", OWN, "the catalogue has no control `acme:A3`", "did you mean `acme:A2`?"),
        ("acne:A2", OWN, "the catalogue has no framework `acne`", "did you mean `acme:A2`?"),
        ('"A2"', TWO, "`A2` is more than one control", "write `acme:A2` and `other:A2`, or one of them"),
    ],
)  # fmt: skip
def test_what_no_catalogue_has_is_an_error(
    written: str, catalogue: Catalogue, message: str, help: str
) -> None:
    compilation = compile_sources([Source("x.agp", POLICY.format(written))], catalogue=catalogue)
    (found,) = compilation.diagnostics
    assert (found.code, found.message) == ("AGP1108", message)
    assert found.help is not None
    assert help in found.help


def test_what_was_kept_is_not_used_with_another_catalogue() -> None:
    text = POLICY.format("nist-csf-2.0:PR.AA-05") + (
        'intent i "I" tool t { action a } grant g { to b for i allow t.a controls "A2" }'
    )
    memory, source = Memory(), Source("x.agp", text)
    assert compile_sources([source], memory, OWN).policy is not None
    assert compile_sources([source], memory).policy is None


def test_a_policy_loaded_as_json_keeps_controls_of_a_project() -> None:
    source = Source("x.agp", POLICY.format("acme:A2"))
    policy = compile_sources([source], catalogue=OWN).policy
    assert policy is not None
    assert loads(dumps(policy), catalogue=OWN) == policy


def test_programs_find_the_catalogue_too(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text(TOML)
    (tmp_path / "agpc.toml").write_text("[controls]\nacme = 'acme.toml'")
    (tmp_path / "x.agp").write_text(POLICY.format("acme:A2"))
    assert agpc.compile(tmp_path).packages[0].controls == ("acme:A2",)
    (tmp_path / "agpc.toml").write_text("[controls]\nacme = '../acme.toml'")
    with pytest.raises(agpc.PolicyFilesError, match="outside of the directory"):
        agpc.compile(tmp_path)
