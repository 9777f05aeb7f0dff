"""What runs the pipeline, as its environment says, and which revision the change begins at."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from ...compiler.structs import Struct
from .. import exits

Kind: TypeAlias = Literal["github", "gitlab", "plain"]
HOSTS = ("auto", "github", "gitlab", "plain")
MAX_BYTES = 16 * 1024 * 1024  # of a description of an event
_COMMIT = re.compile("[0-9a-f]{40}([0-9a-f]{24})?")
_MERGE = re.compile("refs/pull/[0-9]+/merge")


class Host(Struct):
    """What runs the pipeline. `base` is where the change begins; None if `why` there is nothing to compare."""

    kind: Kind
    base: str | None = None
    why: str = ""
    problem: str | None = None
    """Why the base of a change cannot be told, although there has to be one."""


def host_of(environment: Mapping[str, str], asked: str = "auto") -> Host:
    """Find out what runs this. Raises `Failure` for an event that nobody should check policies on."""
    kind: Kind = "plain"
    if asked == "github" or (asked == "auto" and environment.get("GITHUB_ACTIONS") == "true"):
        kind = "github"
    elif asked == "gitlab" or (asked == "auto" and environment.get("GITLAB_CI") == "true"):
        kind = "gitlab"
    if kind == "github":
        return _github(environment)
    if kind == "gitlab":
        return _gitlab(environment)
    return Host(kind, why="no revision to compare with was given")


def _github(environment: Mapping[str, str]) -> Host:
    event = environment.get("GITHUB_EVENT_NAME", "")
    if event == "pull_request_target":
        raise exits.Failure(
            "`pull_request_target` runs with the secrets of the repository on what strangers propose: let the "
            "workflow run on `pull_request`"
        )
    if event == "pull_request" and _is_merge(environment):
        return Host(
            "github", "HEAD^1"
        )  # what the change goes into is the first parent of the merge
    try:
        about = event_of(environment)
    except ValueError as error:
        return Host("github", problem=str(error))
    if event.startswith("pull_request"):
        base = _commit(about, "pull_request", "base", "sha")
        branch = environment.get("GITHUB_BASE_REF")
        if base is None and branch:
            base = f"refs/remotes/origin/{branch}"
        return Host("github", base, problem=None if base else "the event names no base")
    if event == "merge_group":
        base = _commit(about, "merge_group", "base_sha")
        return Host("github", base, problem=None if base else "the event names no base")
    if event == "push":
        base = _commit(about, "before")
        before = about.get("before")
        is_new = isinstance(before, str) and set(before) == {"0"}
        return Host(
            "github",
            base,
            why="nothing was on this branch before",
            problem=None if base or is_new else "the event names no base",
        )
    return Host("github", why=f"an event `{event}` changes nothing")


def _is_merge(environment: Mapping[str, str]) -> bool:
    """Whether what is checked out is the merge that GitHub made to try a pull request, and nothing else."""
    from ...compiler.check.project.files import PolicyFilesError
    from ...compiler.check.project.revisions import Repository

    if not _MERGE.fullmatch(environment.get("GITHUB_REF", "")):
        return False
    try:
        repository = Repository(".")
        repository.commit("HEAD^2")
        return repository.commit("HEAD") == environment.get("GITHUB_SHA")
    except PolicyFilesError:
        return False


def event_of(environment: Mapping[str, str]) -> dict[str, Any]:
    """Read GitHub's description of the event; raises `ValueError` with what is wrong with it."""
    path = environment.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    found = None
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES)
        found = json.loads(content)
    except OSError as error:
        raise ValueError(f"cannot read the file of the event: {error.strerror}") from None
    except (ValueError, RecursionError):
        pass
    if isinstance(found, dict):
        return found
    raise ValueError("the file of the event is not a JSON object")


def _gitlab(environment: Mapping[str, str]) -> Host:
    base = _sha(environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"))
    if base is not None:
        return Host("gitlab", base)
    if environment.get("CI_PIPELINE_SOURCE") == "merge_request_event":
        branch = environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME")
        base = f"refs/remotes/origin/{branch}" if branch else None
        return Host("gitlab", base, problem=None if base else "the merge request names no base")
    before = _sha(environment.get("CI_COMMIT_BEFORE_SHA"))
    default, branch = (
        environment.get(f"CI_{each}") for each in ("DEFAULT_BRANCH", "COMMIT_BRANCH")
    )
    if before is None and branch and default and branch != default:
        return Host("gitlab", f"refs/remotes/origin/{default}")
    return Host("gitlab", before, why="nothing was on this branch before")


def _commit(found: Any, *keys: str) -> str | None:
    """The commit that stands below keys."""
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return _sha(found)


def _sha(found: Any) -> str | None:
    """A commit by its hash; hosts write zeros where there is none."""
    is_one = isinstance(found, str) and _COMMIT.fullmatch(found) and set(found) != {"0"}
    return found if is_one else None


def environment() -> Mapping[str, str]:
    """The environment of this process."""
    return os.environ
