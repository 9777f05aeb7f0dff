"""`agpc report`: what an auditor asks of a policy, and that all forms of it say the same."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agpc.cli.report import facts

from ..asking.access import UNDETERMINED
from ..conftest import Run

AT = ("--at", "2026-11-27")
FORMATS = ("html", "markdown", "json", "oscal", "svg")


def report(run: Run, *arguments: str) -> dict[str, Any]:
    result = run("report", "--format", "json", *AT, *arguments)
    assert (result.status, result.err) == (0, "")
    document: dict[str, Any] = json.loads(result.out)
    return document


def test_the_document_is_the_tree(run: Run, shop: Path) -> None:
    document = report(run)
    assert list(document) == [each.name for each in dataclasses.fields(facts.Audit)]
    assert document["at"] == "2026-11-27T00:00:00Z"
    assert document["counts"] == {
        "agents": 3, "intents": 1, "capabilities": 2, "allows": 4, "forbids": 1, "accesses": 4,
        "standing": 2, "unowned": 0, "errors": 0, "warnings": document["counts"]["warnings"],
        "tests": 2, "tests_failed": 1,
    }  # fmt: skip


def test_every_access_has_somebody_who_answers_for_it(run: Run, shop: Path) -> None:
    document = report(run)
    owners = {each["owner"]["name"]: each for each in document["accountable"]}
    assert owners["shop"]["allows"] == [
        "shop.past.gone",
        "shop.selling.opening",
        "shop.selling.refunding",
    ]
    assert owners["shop"]["forbids"] == ["shop.large_refunds"]
    assert owners["someone"]["allows"] == ["shop.ending.other"]
    assert owners["someone"]["accesses"] == 1
    by_rule = {each["id"]: each["owner"] for each in document["rules"]}
    for agent in document["agents"]:
        for access in agent["access"]:
            assert all(by_rule[way["rule"]] is not None for way in access["ways"])


def test_what_nobody_answers_for_comes_first(run: Run, shop: Path) -> None:
    shop.write_text(shop.read_text().replace('owner "shop" contact "shop@acme.example"\n', ""))
    document = report(run)
    assert document["accountable"][0]["owner"] is None
    assert document["counts"]["unowned"] == 4
    for format in ("html", "markdown"):
        assert "nobody" in run("report", "--format", format, *AT).out


def test_agents_by_capabilities_with_what_it_takes(run: Run, shop: Path) -> None:
    agents = {each["name"]: each for each in report(run)["agents"]}
    refund = next(
        each for each in agents["shop.bot"]["access"] if each["capability"] == "shop.till.refund"
    )
    assert (refund["how"], refund["intents"]) == ("with approval", ["shop.sell"])
    (way,) = refund["ways"]
    assert way["forbids"] == ["shop.large_refunds"]
    assert way["clauses"] == [
        "when args.amount < 100",
        "revoke when context.risk > 0.5",
        'require approval by "role:boss" count 2',
    ]
    assert agents["shop.idle"]["access"] == []
    assert agents["shop.bots (spiffe://acme.example/bots/some-agent)"]["families"] == ["shop.bots"]


def test_standing_access_and_what_is_over(run: Run, shop: Path) -> None:
    states = {each["id"]: (each["state"], each["ends"]) for each in report(run)["rules"]}
    assert states["shop.selling.opening"] == ("standing", None)
    assert states["shop.ending.other"] == ("ends", "2027-02-01T00:00:00Z")
    assert states["shop.past.gone"] == ("over", "2020-02-01T00:00:00Z")
    assert states["shop.large_refunds"] == ("", None)
    later = run("report", "--format", "json", "--at", "2027-02-01").out
    assert {each["id"]: each["state"] for each in json.loads(later)["rules"]}[
        "shop.ending.other"
    ] == "over"


def test_people_who_must_approve(run: Run, shop: Path) -> None:
    found = {
        (each["kind"], each["who"]): [(one["rule"], one["lifts"]) for one in each["evidence"]]
        for each in report(run)["approvers"]
    }
    assert found == {
        ("approval", "role:boss"): [("shop.selling.refunding", False)],
        ("approval", "role:owner"): [("shop.large_refunds", True)],
        ("step-up", "mfa"): [("shop.past.gone", False)],
    }


def test_findings_and_silences_with_reasons(run: Run, shop: Path) -> None:
    document = report(run)
    (silence,) = document["silences"]
    assert (silence["code"], silence["reason"]) == ("AGP4101", "the shop is open for good")
    assert "AGP4105" in {
        each["code"] for each in document["findings"]
    }  # `past`, on the day of the report
    assert all(each["reason"] is None for each in document["findings"])


def test_ledgers_are_those_of_the_settings_or_of_the_option(
    run: Run, shop: Path, work: Path
) -> None:
    assert report(run)["ledgers"] == []
    (work / "agpc.toml").write_text('targets = ["ir", "rego"]')
    assert [(each["target"], each["enforces"]) for each in report(run)["ledgers"]] == [
        ("ir", False),
        ("rego", True),
    ]
    (only,) = report(run, "-t", "cedar")["ledgers"]
    assert {each["rule"] for each in only["entries"]} == {
        each["id"] for each in report(run)["rules"]
    }
    assert "elsewhere" in {each["enforcement"] for each in only["entries"]}
    (unbound,) = report(run, "-t", "aws-iam")["ledgers"]
    assert unbound["entries"] == []
    assert "aws" in unbound["problems"][0]


def test_a_target_that_is_not_there_is_a_usage_error(run: Run, shop: Path, work: Path) -> None:
    assert run("report", "-t", "nowhere").status == 2
    (work / "agpc.toml").write_text('targets = ["nowhere"]')
    result = run("report")
    assert (result.status, "there is no target `nowhere`" in result.err) == (2, True)


def test_tests_are_run(run: Run, shop: Path) -> None:
    found = {each["name"]: (each["passed"], each["expected"]) for each in report(run)["tests"]}
    assert found == {
        "opening is permitted": (True, "permit by shop.selling.opening"),
        "a refund is permitted": (False, "permit"),
    }


def test_coverage_is_that_of_agpc_test(run: Run, shop: Path) -> None:
    found = report(run)["coverage"]
    assert f"coverage {found['percent']}%" in run("test", "--coverage").out
    assert found["untested"] == [
        "shop.ending.other",
        "shop.large_refunds",
        "shop.past.gone",
        "shop.selling.refunding",
    ]
    assert sum(each["covered"] for each in found["rules"]) == found["covered"]
    assert {each["rule"] for each in found["rules"] if each["gaps"]} >= set(found["untested"])


def test_without_tests_there_is_no_coverage(run: Run, shop: Path) -> None:
    shop.write_text(shop.read_text().partition("test ")[0])
    assert report(run)["coverage"] is None


def test_controls_have_evidence_and_gaps(run: Run, shop: Path, work: Path) -> None:
    (work / "acme.toml").write_text(
        "name = 'Acme'\nversion = '1'\n[controls]\nA2 = 'Own'\nGOV-2 = 'Answers'"
    )
    (work / "agpc.toml").write_text("[controls]\nacme = 'acme.toml'")
    shop.write_text(
        shop.read_text().replace("nist-csf-2.0:PR.AA-05", "nist-csf-2.0:PR.AA-05, acme:A2")
    )
    frameworks = {each["id"]: each for each in report(run)["frameworks"]}
    assert next(iter(frameworks)) == "acme"
    assert frameworks["acme"]["source"] == "acme.toml"
    assert [(each["id"], each["rules"]) for each in frameworks["acme"]["evidence"]] == [
        ("A2", ["shop.ending.other"])
    ]
    assert [each["id"] for each in frameworks["acme"]["gaps"]] == ["GOV-2"]
    (article,) = frameworks["eu-ai-act"]["evidence"]
    assert (article["id"], article["packages"], len(article["rules"])) == ("Art.12(1)", ["shop"], 5)
    for each in frameworks.values():
        known = {one["id"] for one in (*each["evidence"], *each["gaps"])}
        assert len(known) == len(each["evidence"]) + len(each["gaps"]) > 0
    assert {
        "csa-maestro-1",
        "nist-ai-rmf-1.0",
        "nist-csf-2.0",
        "owasp-agentic-2026",
        "owasp-nhi-2025",
    } < set(frameworks)


@pytest.mark.parametrize("format", FORMATS)
def test_it_says_evidence_and_never_that_somebody_complies(
    run: Run, shop: Path, format: str
) -> None:
    text = run("report", "--format", format, *AT).out
    assert not re.search(
        r"compli(?:an|es|ed)", text.replace("Security and Compliance", ""), re.IGNORECASE
    )
    if format in ("html", "markdown", "oscal"):
        assert re.search(r"evidence(?:</strong>)? for", text)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_input_gives_the_same_bytes(run: Run, shop: Path, format: str, work: Path) -> None:
    first = run("report", "--format", format, *AT, "-t", "rego")
    assert first.status == 0
    assert run("report", "--format", format, *AT, "-t", "rego").out == first.out
    assert run("report", "--format", format, *AT, "-t", "rego", "-o", "out").out == ""
    assert (work / "out").read_text(encoding="utf-8") == first.out


@pytest.mark.parametrize("format", FORMATS)
def test_a_policy_that_does_not_compile_has_no_report(run: Run, shop: Path, format: str) -> None:
    shop.write_text(shop.read_text() + "grant {")
    result = run("report", "--format", format)
    assert (result.status, result.out) == (3, "")
    assert "error[" in result.err


@pytest.mark.parametrize("format", FORMATS)
def test_a_policy_that_says_nothing_has_one(run: Run, work: Path, format: str) -> None:
    (work / "empty.agp").write_text("package empty\n")
    result = run("report", "--format", format, *AT)
    assert (result.status, result.err) == (0, "")
    assert result.out


def test_what_changed_since_a_revision(run: Run, shop: Path, work: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@y", *arguments],
            check=True,
            capture_output=True,
        )

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    assert report(run, "--since", "HEAD")["changes"]["verdict"] == "equivalent"
    shop.write_text(shop.read_text().replace("args.amount < 100", "args.amount < 200"))
    document = report(run, "--since", "HEAD")
    assert (document["since"], document["changes"]["verdict"]) == ("HEAD", "more")
    for format in ("html", "markdown"):
        text = run("report", "--format", format, *AT, "--since", "HEAD").out
        assert "some requests are answered with more" in text
        assert "shop.till.refund" in text.partition("some requests are answered with more")[2]
    assert run("report", "--since", "nothing").status == 2
    assert run("report", "--since", "--help").status == 2


def test_what_could_not_be_determined_is_said_and_is_exit_5(run: Run, work: Path) -> None:
    (work / "shop.agp").write_text(UNDETERMINED)
    for format in ("html", "markdown"):
        result = run("report", "--format", format, *AT)
        assert result.status == 5
        assert "undetermined" in result.out
        assert "shop.selling.till.open" in result.out


def test_agents_of_too_many_families_have_a_name(run: Run, work: Path) -> None:
    words = [["*"] * 14 for _ in range(14)]
    for at, each in enumerate(words):
        each[at] = f"s{at}"
    families = [
        f'agents f{n} = "spiffe://x.example/{"/".join(each)}"' for n, each in enumerate(words)
    ]
    grants = [f"grant g{n} {{ to f{n} for sell allow till.open }}" for n in range(14)]
    head = 'package shop\nintent sell "Sell"\ntool till { action open }\n'
    (work / "shop.agp").write_text(head + "\n".join(families + grants))
    result = run("report", "--format", "json", *AT)
    assert result.status == 5
    (several,) = (
        each
        for each in json.loads(result.out)["agents"]
        if each["name"].startswith("several families")
    )
    assert several["access"][0]["how"] == "undetermined"
    for format in ("html", "svg"):
        assert "several families" in run("report", "--format", format, *AT).out


def test_standard_input_has_no_revisions(run: Run, shop: Path) -> None:
    text = shop.read_bytes()
    assert run("report", "-", "--format", "json", stdin=text).status == 0
    assert run("report", "-", "--since", "HEAD", stdin=text).status == 2


@pytest.mark.parametrize("at", ["tomorrow", "2026-13-01", ""])
def test_a_day_that_is_none(run: Run, shop: Path, at: str) -> None:
    assert run("report", "--at", at).status == 2
