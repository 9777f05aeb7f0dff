"""Finding and reading policies: what is read, under which name, and what is refused."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from agpc.compiler.check.project.files import (
    MAX_BYTES,
    PolicyFilesError,
    load_sources,
    read_policies,
    tidy,
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(path: Path, text: str | bytes = "package a\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def names(*paths: str | Path) -> list[str]:
    return [source.name for source in load_sources(paths)]


def problems(*paths: str | Path) -> list[str]:
    with pytest.raises(PolicyFilesError) as caught:
        load_sources(paths)
    return list(caught.value.problems)


def test_a_directory_gives_its_policies_in_order_of_name_and_nothing_else(root: Path) -> None:
    for name in ("p/b.agp", "p/a.agp", "p/sub/c.agp", "p/notes.txt", "p/.git/x.agp", "p/.#a.agp"):
        put(root / name)
    assert names("p") == ["a.agp", "b.agp", "sub/c.agp"]


def test_names_do_not_depend_on_how_the_directory_is_reached(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root / "p/sub/c.agp")
    expected = ["sub/c.agp"]
    assert names("p") == names("./p/") == names(root / "p") == expected
    monkeypatch.chdir(root / "p")
    assert names(".") == expected


def test_a_file_is_named_by_itself_and_several_paths_by_what_they_share(root: Path) -> None:
    put(root / "p/x/a.agp")
    put(root / "p/y/a.agp")
    assert names("p/x/a.agp") == ["a.agp"]
    assert names("p/x", "p/y") == names("p/y", "p/x") == ["x/a.agp", "y/a.agp"]


def test_a_file_reached_twice_is_read_once(root: Path) -> None:
    put(root / "p/a.agp")
    (root / "p/b.agp").symlink_to("a.agp")
    assert names("p", "p/a.agp", "p") == ["a.agp"]


def test_where_a_file_is_and_what_it_is_called_are_two_things(root: Path) -> None:
    put(root / "p/a.agp")
    (file,) = read_policies(["p"])
    assert (file.source.name, file.path) == ("a.agp", "p/a.agp")


def test_text_is_kept_as_it_is(root: Path) -> None:
    text = "\ufeffpackage a\r\nenum e = ä\r\n"
    put(root / "a.agp", text)
    (source,) = load_sources(["a.agp"])
    assert source.text == text


def test_links_are_followed_as_a_mounted_configuration_needs(root: Path) -> None:
    put(root / "mount/..2026/a.agp")
    (root / "mount/..data").symlink_to("..2026")
    (root / "mount/a.agp").symlink_to("..data/a.agp")
    put(root / "elsewhere/b.agp")
    (root / "mount/shared").symlink_to("../elsewhere")
    assert names("mount") == ["a.agp", "shared/b.agp"]


def test_a_link_to_a_directory_above_is_refused(root: Path) -> None:
    put(root / "p/a.agp")
    (root / "p/loop").symlink_to("..")
    (problem,) = problems("p")
    assert problem == "`p/loop/p` is a link to a directory that it stands in"


def test_links_that_multiply_are_followed_once(root: Path) -> None:
    for level in range(40):
        (root / f"p/{level:02}").mkdir(parents=True)
        for name in ("x", "y"):
            (root / f"p/{level:02}/{name}").symlink_to(f"../{level + 1:02}")
    put(root / "p/40/a.agp")
    assert names("p") == ["/".join(["00", *["x"] * 40, "a.agp"])]


def test_links_that_lead_nowhere_are_refused_and_not_passed_over(root: Path) -> None:
    put(root / "p/a.agp")
    (root / "p/self").symlink_to("self")
    (root / "p/gone").symlink_to("nowhere")
    assert problems("p") == [
        "cannot read `p/gone`: no such file or directory",
        "cannot read `p/self`: too many levels of symbolic links",
    ]


def test_every_problem_is_told(root: Path) -> None:
    put(root / "p/bad.agp", b"package a\n\xff")
    (root / "empty").mkdir()
    told = problems("missing", "p", "empty")
    assert told == [
        "cannot read `missing`: no such file or directory",
        "`empty` holds no policies: no file ends in .agp",
        "`p/bad.agp` is not UTF-8: byte 0xff at offset 10, line 2",
    ]


def test_a_directory_without_policies_is_a_problem(root: Path) -> None:
    put(root / "p/a.txt")
    assert problems("p") == ["`p` holds no policies: no file ends in .agp"]


def test_what_is_neither_a_file_nor_a_directory_is_a_problem_and_is_not_opened(root: Path) -> None:
    os.mkfifo(root / "a.agp")
    assert problems("a.agp") == [
        "`a.agp` is neither a file nor a directory; give `-` for standard input"
    ]
    put(root / "b.agp")
    assert len(problems(".")) == 1


def test_a_file_that_cannot_be_opened_is_a_problem(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root / "a.agp")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert problems("a.agp") == ["cannot read `a.agp`: permission denied"]


def test_a_huge_file_is_a_problem(root: Path) -> None:
    with (root / "a.agp").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert problems("a.agp") == [f"`a.agp` is larger than {MAX_BYTES // 1024**2} MiB"]


def test_names_that_would_not_show_are_refused(root: Path) -> None:
    put(root / "a\nimport os.agp")
    put(root / "b\u202e.agp")
    put(root / os.fsdecode(b"c\xff.agp"))
    assert all("a character in its name that does not show" in each for each in problems("."))
    assert len(problems(".")) == 3


def test_directories_nested_without_end_are_refused(root: Path) -> None:
    deep = root.joinpath(*["d"] * 150)
    put(deep / "a.agp")
    (problem,) = problems(".")
    assert problem.endswith("is nested too deeply")


def test_a_path_with_a_nul_is_a_problem(root: Path) -> None:
    assert problems("a\0b") == ["cannot read `a\0b`: embedded null byte"]


def test_standard_input_is_a_file_of_its_own(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"package a\n")))
    put(root / "p/a.agp")
    assert names("-", "p", "-") == ["<stdin>", "a.agp"]


def test_standard_input_that_is_closed_or_broken_is_a_problem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert problems("-") == ["standard input is closed"]
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xc3")))
    assert problems("-") == ["standard input is not UTF-8: byte 0xc3 at offset 0, line 1"]


@pytest.mark.parametrize(
    "given", ["", ".", "/", "//", "///", "a//b/", "./a/./b", "../a", "//a/.", "/../a"]
)
def test_a_path_is_written_as_pathlib_writes_it(given: str) -> None:
    assert tidy(given) == Path(given).as_posix()
