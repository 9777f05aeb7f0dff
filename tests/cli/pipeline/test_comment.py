"""`agpc comment`: one comment, its own, renewed; over interfaces as GitHub and GitLab have them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agpc.cli import exits

from ..conftest import Run
from .comment_service import BOT, TOKEN, Service, serving

BODY = "<!-- agpc ci -->\n### agpc: passed\n"


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as made:
        yield made


Given = Callable[..., None]


@pytest.fixture
def github(work: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Given:
    """The environment of a pull request, from a repository."""

    def given(head: str = "acme/policies", **more: str) -> None:
        pull = {"number": 7, "head": {"repo": {"full_name": head}}}
        (work / "event.json").write_text(json.dumps({"pull_request": pull}))
        variables = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(work / "event.json"),
            "GITHUB_REPOSITORY": "acme/policies",
            "GITHUB_API_URL": service.address,
            "GITHUB_TOKEN": TOKEN,
            **more,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        (work / "comment.md").write_text(BODY)

    return given


def test_a_comment_is_written_and_renewed_and_left_alone(
    run: Run, work: Path, service: Service, github: Given
) -> None:
    github()
    assert run("comment", "comment.md").out == "comment written\n"
    assert run("comment", "comment.md").out == "comment unchanged\n"
    (work / "comment.md").write_text(BODY + "more\n")
    assert run("comment", "comment.md").out == "comment renewed\n"
    assert [each["body"] for each in service.comments] == [BODY + "more\n"]
    assert ("PATCH", "/repos/acme/policies/issues/comments/1000") in service.asked


def test_only_its_own_comment_is_renewed(run: Run, service: Service, github: Given) -> None:
    """Whoever wrote a comment with the marker could change it after it was renewed."""
    github()
    for user in (
        {"login": "mallory", "type": "User"},
        {"login": "other[bot]", "type": "Bot"},
        None,
    ):
        service.comments.append({"id": len(service.comments), "body": BODY, "user": user})
    service.comments.append({"id": 9, "body": f"quoting {BODY}", "user": BOT})
    service.comments.append({"id": 10, "body": "<!-- agpc diff -->\nx", "user": BOT})
    before = json.dumps(service.comments)
    assert run("comment", "comment.md").out == "comment written\n"
    assert json.dumps(service.comments[:-1]) == before
    assert run("comment", "comment.md", "--author", "other[bot]").out == "comment unchanged\n"


def test_it_is_found_behind_many_others(run: Run, service: Service, github: Given) -> None:
    github()
    service.comments += [{"id": n, "body": "hello", "user": BOT} for n in range(250)]
    service.comments.append({"id": 999, "body": BODY.replace("\n", "\r\n"), "user": BOT})
    assert run("comment", "comment.md").out == "comment unchanged\n"


def test_a_fork_gets_no_comment_and_no_request_is_made(
    run: Run, service: Service, github: Given
) -> None:
    github(head="mallory/policies")
    result = run("comment", "comment.md")
    assert (result.status, result.out) == (exits.CLEAN, "")
    assert "comes from a fork" in result.err
    assert service.asked == []


def test_a_token_that_may_not_write_is_said_and_fails_nothing(
    run: Run, service: Service, github: Given
) -> None:
    github()
    service.refuse = 403
    result = run("comment", "comment.md")
    assert result.status == exits.CLEAN
    assert "`permissions: pull-requests: write`" in result.err
    github(GITHUB_TOKEN="wrong")
    assert "the token may not (401" in run("comment", "comment.md").err
    github(GITHUB_TOKEN="")
    assert "there is no `GITHUB_TOKEN`" in run("comment", "comment.md").err


def test_a_token_is_sent_nowhere_else(run: Run, service: Service, github: Given) -> None:
    github()
    other = Service()
    service.redirect = f"{other.address}/elsewhere"
    result = run("comment", "comment.md")
    assert result.status == exits.USAGE
    assert "302" in result.err
    assert TOKEN not in result.err + result.out
    other.server.server_close()
    for address in ("file:///etc/passwd", "ftp://127.0.0.1/x", "nonsense"):
        github(GITHUB_API_URL=address)
        assert run("comment", "comment.md").status == exits.USAGE


@pytest.mark.parametrize(
    "answer", [b"", b"{}", b"\xff", b"[" * 100_000, b'["x", {"id": "1", "body": 3}]']
)
def test_an_answer_that_makes_no_sense_ends_in_words(
    run: Run, service: Service, github: Given, answer: bytes
) -> None:
    github()
    service.garbage = answer
    result = run("comment", "comment.md")
    assert result.status in (exits.USAGE, exits.CLEAN)
    assert "internal error" not in result.err


def test_a_host_that_is_down_is_status_2(run: Run, github: Given) -> None:
    github(GITHUB_API_URL="http://127.0.0.1:1")
    result = run("comment", "comment.md")
    assert result.status == exits.USAGE
    assert result.err.startswith("error: GET /repos/acme/policies/issues/7/comments?")


@pytest.mark.parametrize("repository", ["", "acme", "acme/../x", "a/b?c=d", "a/b\n"])
def test_a_repository_that_is_none_is_not_asked(
    run: Run, service: Service, github: Given, repository: str
) -> None:
    github(GITHUB_REPOSITORY=repository)
    assert run("comment", "comment.md").status == exits.USAGE
    assert service.asked == []


def test_a_file_that_is_no_comment_is_refused(run: Run, work: Path, github: Given) -> None:
    github()
    for text in ("hello\n", "<!-- agpc -->\n", "<!-- agpc ci -->x\n"):
        (work / "comment.md").write_text(text)
        assert "is not a comment that" in run("comment", "comment.md").err
    assert run("comment", "missing.md").status == exits.USAGE


def test_beside_a_pipeline_nothing_is_written(run: Run, work: Path) -> None:
    (work / "comment.md").write_text(BODY)
    assert "this is no pipeline of GitHub or GitLab" in run("comment", "comment.md").err


def test_a_note_of_gitlab_is_written_and_renewed(
    run: Run, work: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {
        "GITLAB_CI": "true",
        "CI_API_V4_URL": service.address,
        "CI_MERGE_REQUEST_IID": "3",
        "CI_MERGE_REQUEST_PROJECT_ID": "42",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (work / "comment.md").write_text(BODY)
    assert "there is no `AGPC_GITLAB_TOKEN`" in run("comment", "comment.md").err
    monkeypatch.setenv("AGPC_GITLAB_TOKEN", TOKEN)
    service.comments.append({"id": 1, "body": BODY, "author": {"id": 6}})
    assert run("comment", "comment.md").out == "comment written\n"
    (work / "comment.md").write_text(BODY + "more\n")
    assert run("comment", "comment.md").out == "comment renewed\n"
    assert [each["body"] for each in service.comments] == [BODY, BODY + "more\n"]
    assert ("PUT", "/projects/42/merge_requests/3/notes/1001") in service.asked
