"""`agpc check --baseline`: what is new is told, what is old is counted, and no error is ever old."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.check.project.baseline import BaselineError, read_baseline
from agpc.compiler.report.codes import CODES

from ..conftest import POLICY, Run

BASELINE = "known.json"


@pytest.fixture
def policy(work: Path) -> Path:
    path = work / "shop.agp"
    path.write_text(POLICY)
    return path


def entries(work: Path) -> list[dict[str, Any]]:
    found = json.loads((work / BASELINE).read_text())["findings"]
    assert isinstance(found, list)
    return found


def test_what_was_there_is_counted_and_what_is_new_is_told(
    run: Run, work: Path, policy: Path
) -> None:
    before = run("check", "--fail-on", "info")
    assert before.status == 1
    written = run("check", "--write-baseline", BASELINE, "--fail-on", "info")
    count = sum(each["count"] for each in entries(work))
    assert (written.status, written.err) == (0, "")
    assert written.out.endswith(f"{count} in the baseline\nwrote {count} findings to {BASELINE}\n")
    again = run("check", "--baseline", BASELINE, "--fail-on", "info")
    assert (again.status, again.err) == (0, "")
    assert f"{count} in the baseline" in again.out
    policy.write_text(
        POLICY.replace("agent bot =", 'agent idle = "spiffe://acme.example/i"\nagent bot =')
    )
    new = run("check", "--baseline", BASELINE, "--fail-on", "warning")
    assert new.status == 1
    assert new.err.count("[AGP") == 1
    assert "[AGP4402]" in new.err


def test_entries_that_apply_no_more_are_said(run: Run, work: Path, policy: Path) -> None:
    run("check", "--write-baseline", BASELINE)
    policy.write_text(
        POLICY.replace("for sell\n    allow", "for sell\n    credential ttl 15m\n    allow")
    )
    result = run("check", "--baseline", BASELINE)
    assert result.status == 0
    first, second = result.err.splitlines()
    assert (
        first
        == f"note: 1 finding is no longer there: write `{BASELINE}` anew with --write-baseline"
    )
    assert second.startswith("  - AGP4102 shop.agp: ")
    document = json.loads(run("check", "--baseline", BASELINE, "--format", "json").out)
    assert [each["count"] for each in document["baseline"]["gone"]] == [1]
    assert document["baseline"]["known"] > 0


@pytest.mark.parametrize("options", [["--no-analysis"], ["--ignore", "AGP4"]])
def test_what_was_not_looked_for_is_not_said_to_be_gone(
    run: Run, policy: Path, options: list[str]
) -> None:
    run("check", "--write-baseline", BASELINE)
    assert "AGP4" not in run("check", "--baseline", BASELINE, *options).err


def test_a_second_one_like_a_known_one_is_new(run: Run, work: Path, policy: Path) -> None:
    """Two equal remarks: alike in all but the line."""
    policy.write_text(POLICY + "# agpc: allow\n")
    run("check", "--write-baseline", BASELINE)
    assert "[AGP6004]" not in run("check", "--baseline", BASELINE).err
    policy.write_text(POLICY + "# agpc: allow\n# agpc: allow\n")
    assert run("check", "--baseline", BASELINE).err.count("[AGP6004]") == 1


def test_no_error_is_ever_in_a_baseline(run: Run, work: Path, policy: Path) -> None:
    policy.write_text(POLICY + "\nassert no agent can till.open\n")
    refuted = run("check", "--write-baseline", BASELINE)
    assert refuted.status == 1
    assert "[AGP3101]" in refuted.err
    assert not {each["code"] for each in entries(work)} & {
        code for code, each in CODES.items() if each.severity == "error"
    }
    assert run("check", "--baseline", BASELINE).status == 1


def test_nothing_is_written_for_a_policy_that_does_not_compile(
    run: Run, work: Path, policy: Path
) -> None:
    policy.write_text("package shop\nuse nowhere\n")
    result = run("check", "--write-baseline", BASELINE)
    assert result.status == 3
    assert result.out.endswith(f"{BASELINE} was not written: the policy does not compile\n")
    assert not (work / BASELINE).exists()


def test_an_error_under_a_forged_fingerprint_is_told_all_the_same(
    run: Run, work: Path, policy: Path
) -> None:
    policy.write_text(POLICY + "\nassert no agent can till.open\n")
    found = json.loads(run("check", "--format", "json").out)["diagnostics"]
    (error,) = [each for each in found if each["code"] == "AGP3101"]
    forged = {
        "code": "AGP4102", "fingerprint": error["fingerprint"].split(":")[0], "count": 9,
        "file": "shop.agp", "message": "",
    }  # fmt: skip
    (work / BASELINE).write_text(json.dumps({"version": 1, "findings": [forged]}))
    assert run("check", "--baseline", BASELINE).status == 1
    forged["code"] = "AGP3101"
    (work / BASELINE).write_text(json.dumps({"version": 1, "findings": [forged]}))
    result = run("check", "--baseline", BASELINE)
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        f"error: `{BASELINE}` is not a baseline: of finding 1, `AGP3101` cannot be in a baseline: "
        "it is an error, or undetermined\n"
    )


ENTRY = {"code": "AGP4102", "fingerprint": "0" * 32, "count": 1, "file": "a", "message": "m"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[]", "it has to have `version` and `findings`"),
        (b'{"version": 1, "version": 1, "findings": []}', "twice"),
        (b'{"version": 2, "findings": []}', "of version 1"),
        (b'{"version": true, "findings": []}', "of version 1"),
        (b'{"version": 1, "findings": {}}', "has to be a list"),
        (b"[" * 100_000, "not"),
        (json.dumps({"version": 1, "findings": [ENTRY, ENTRY]}).encode(), "stands twice"),
        *(
            (json.dumps({"version": 1, "findings": [{**ENTRY, **wrong}]}).encode(), problem)
            for wrong, problem in (
                ({"count": 0}, "`count` has to be 1 to"),
                ({"count": True}, "`count` has to be a whole number"),
                ({"count": 1e300}, "`count` has to be a whole number"),
                ({"code": "AGP9999"}, "there is no such code"),
                ({"code": "AGP2999"}, "undetermined"),
                ({"fingerprint": "0" * 31 + "G"}, "32 hexadecimal digits"),
                ({"file": None}, "`file` has to be a text"),
                ({"more": 1}, "the fields have to be"),
            )
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_baseline_is_status_2_and_says_why(
    run: Run, work: Path, policy: Path, content: bytes, problem: str
) -> None:
    (work / BASELINE).write_bytes(content)
    result = run("check", "--baseline", BASELINE)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(f"error: `{BASELINE}` is not a baseline")
    assert problem in result.err


def test_a_baseline_that_is_not_there_is_status_2(run: Run, work: Path, policy: Path) -> None:
    for path in ("missing.json", ".", "a\0b"):
        result = run("check", "--baseline", path)
        assert result.status == 2
        assert result.err.startswith("error: cannot read the baseline ") or "null" in result.err


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
ALMOST = st.fixed_dictionaries(
    {"version": st.just(1) | JSON, "findings": JSON | st.lists(st.just(ENTRY) | JSON, max_size=3)},
    optional={"more": JSON},
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40) | (ALMOST | JSON).map(lambda each: json.dumps(each).encode()))
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / BASELINE
    path.write_bytes(content)
    try:
        found = read_baseline(path)
    except BaselineError as error:
        assert BASELINE in str(error)
    else:
        assert all(CODES[each.code].severity != "error" and each.count > 0 for each in found)


def test_the_settings_may_name_it(run: Run, work: Path, policy: Path) -> None:
    (work / "sub").mkdir()
    policy = policy.rename(work / "sub/shop.agp")
    run("check", "sub", "--write-baseline", BASELINE)
    (work / "agpc.toml").write_text(f'baseline = "{BASELINE}"\n')
    result = run("check", "sub", "--fail-on", "info")
    assert (result.status, result.err) == (0, "")


@pytest.mark.parametrize("format", ["sarif", "gitlab", "github", "junit"])
def test_reports_tell_what_is_new_alone(run: Run, work: Path, policy: Path, format: str) -> None:
    run("check", "--write-baseline", BASELINE)
    out = run("check", "--baseline", BASELINE, "--format", format).out
    if format == "sarif":
        results = json.loads(out)["runs"][0]["results"]
        assert results
        assert all(each["suppressions"][0]["kind"] == "external" for each in results)
    elif format == "gitlab":
        assert json.loads(out) == []
    else:
        assert "AGP" not in out


@pytest.mark.parametrize("option", ["--baseline=x", "--watch", "--no-analysis"])
def test_writing_goes_with_nothing_that_finds_less(run: Run, policy: Path, option: str) -> None:
    assert run("check", "--write-baseline", BASELINE, option).status == 2
