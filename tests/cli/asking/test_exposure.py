"""`agpc exposure`, and the number that `agpc matrix` shows of it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from ..conftest import Run

POLICY = """\
language 2
package shop
agent bot = "spiffe://acme.example/bot"
intent pay "Pay" { to: string }
tool mail {
    read action open(id: string)
    send action post(to: string, text: string, files?: [{ name: string, body: string }])
    send action tell(text: string)
}
grant g {
    to bot
    for pay
    allow mail.open
    allow mail.post when args.to == task.to and every args.files.name like "*.pdf"
    allow mail.tell require approval by "role:lead"
}
"""


@pytest.fixture
def mails(work: Path) -> None:
    (work / "shop.agp").write_text(POLICY)


@pytest.mark.usefixtures("mails")
def test_free_arguments_are_listed_by_rule(run: Run) -> None:
    assert run("exposure").out == (
        "shop.g.mail.post: shop.mail.post\n"
        "    args.text: free\n"
        "    args.files.body: free\n"
        "shop.g.mail.tell: shop.mail.tell, which a person approves\n"
        "    args.text: free\n"
    )


@pytest.mark.usefixtures("mails")
def test_json_has_what_is_bound_in_part_where_it_is_asked_for(run: Run) -> None:
    listed = json.loads(run("exposure", "--format", "json", "--partly").out)["exposure"]
    assert [(each["argument"], each["bound"], each["approved"]) for each in listed] == [
        ("args.text", "free", False),
        ("args.files.body", "free", False),
        ("args.files.name", "partly", False),
        ("args.text", "free", True),
    ]
    assert {each["capability"] for each in listed} == {"shop.mail.post", "shop.mail.tell"}


@pytest.mark.usefixtures("mails")
def test_the_matrix_shows_how_many_nobody_sees(run: Run) -> None:
    lines = [line.split() for line in run("matrix").out.splitlines()]
    assert ["shop.bot", "permit", "if", "(2)", "approval"] in [each[:5] for each in lines]
    assert "if (2 free)" not in run("matrix", "--format", "csv").out
    _, row = csv.reader(io.StringIO(run("matrix", "--format", "csv").out))
    assert row[-1] == "2"
    assert "(2 free)" in run("matrix", "--format", "html").out


def test_where_nothing_is_free_it_says_so(run: Run, work: Path) -> None:
    (work / "shop.agp").write_text(
        POLICY.replace("allow mail.post", "allow mail.open as o")
        .replace(' when args.to == task.to and every args.files.name like "*.pdf"', "")
        .replace('allow mail.tell require approval by "role:lead"', "")
    )
    assert run("exposure").out == "nothing\n"


@pytest.mark.parametrize(
    ("condition", "listed"),
    [
        ("has only args.to, args.text", ["text", "to"]),  # `files` is not there
        ("has only args.to, args.text, args.files", ["files.body", "files.name", "text", "to"]),
        ("size args.files <= 2", ["files.body", "files.name", "text", "to"]),  # of any content
        ("not has only args.to", ["files.body", "files.name", "text", "to"]),
    ],
)
def test_names_and_sizes_bind_what_they_leave_out_alone(
    run: Run, work: Path, condition: str, listed: list[str]
) -> None:
    old = 'args.to == task.to and every args.files.name like "*.pdf"'
    (work / "shop.agp").write_text(POLICY.replace(old, condition))
    found = json.loads(run("exposure", "--format", "json").out)["exposure"]
    free = [each["argument"] for each in found if each["capability"] == "shop.mail.post"]
    assert sorted(free) == [f"args.{each}" for each in listed]
