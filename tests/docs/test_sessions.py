"""What the tutorial and the pages on analysis, embedding and testing show is what happens."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from engines.rego import find_opa

from docs.blocks import DOCS, blocks
from docs.sessions import Session, matches


@pytest.mark.parametrize(
    "page",
    ["tutorial.md", "analysis.md", "embedding.md", "monitor.md", "testing.md", "guard/python.md"],
)
def test_every_command_and_program_of_a_page_does_what_it_shows(page: str, tmp_path: Path) -> None:
    Session(tmp_path).run_page(DOCS / page)


@pytest.mark.parametrize("page", ["facts.md", "gallery.md"])
def test_every_command_of_a_page_about_examples_does_what_it_shows(
    page: str, tmp_path: Path
) -> None:
    shutil.copytree(DOCS.parent / "examples", tmp_path / "examples")
    Session(tmp_path).run_page(DOCS / page)


def test_every_command_of_the_guide_does_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / ".gitconfig").write_text("[user]\n    name = n\n    email = n@t.example\n")
    Session(tmp_path).run_page(DOCS / "guide.md")


def test_every_command_of_the_first_page_does_what_it_shows(tmp_path: Path) -> None:
    root = DOCS.parent
    shutil.copytree(root / "examples", tmp_path / "examples")
    request = root / "examples/finance/requests/2-large-payment.json"
    shutil.copy(request, tmp_path / "r.json")
    (tmp_path / "tools.json").write_text('[{"name": "read", "inputSchema": {"type": "object"}}]')
    for arguments in (
        ("init", "--quiet"),
        (
            "-c",
            "user.name=n",
            "-c",
            "user.email=n@t.example",
            "commit",
            "--quiet",
            "--allow-empty",
            "-m",
            "x",
        ),
        ("update-ref", "refs/remotes/origin/main", "HEAD"),
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    session = Session(tmp_path)
    run = [each for each in blocks(root / "README.md") if each.language == "console"]
    elsewhere = ("$ make", "$ agpc check policies\nerror[AGP3101]")  # the latter: analysis.md
    shown = [each for each in run if not each.text.startswith(elsewhere)]
    assert len(shown) == len(run) - 3
    for block in shown:
        session.run_console(block)


def test_the_runner_sees_a_difference() -> None:
    assert matches("a\n...\nz", "a\nb\nz")
    assert matches("a\n...\nz", "a\nz")
    assert matches("wrote ... files to x", "wrote 12 files to x")
    assert not matches("a\n...\nz", "a\nb")
    assert not matches("a", "a\nb")
    assert not matches("a.b", "axb")


LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    """To a file that is there and, if it names one, a heading of it."""
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        if anchor:
            assert anchor[1:] in anchors(target), f"{path}{anchor}"


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub names them in addresses."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}


def test_the_rego_bundle_answers_where_the_page_on_embedding_says(tmp_path: Path) -> None:
    opa = find_opa()
    if opa is None:
        pytest.skip("opa is not installed")
    session = Session(tmp_path)
    session.run_page(DOCS / "embedding.md")
    request = next(
        each.text for each in blocks(DOCS / "tutorial.md") if "refund.json" in each.words
    )
    for path in ("data.agp.decision", "data.agp.starter.decision"):
        done = subprocess.run(
            [
                opa,
                "eval",
                "--bundle",
                tmp_path / "opa" / "rego" / "bundle",
                "--stdin-input",
                path,
            ],
            input=request,
            capture_output=True,
            text=True,
            check=True,
        )
        (result,) = json.loads(done.stdout)["result"]
        assert result["expressions"][0]["value"]["context"]["effect"] == "challenge"
