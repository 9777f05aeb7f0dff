"""What findings about how access ends and who answers for it say."""

from __future__ import annotations

from agpc.compiler.analysis.limits import Limits
from agpc.compiler.analysis.run import analyze
from agpc.compiler.ir.identities import grant_of
from agpc.compiler.report.diagnostics import Diagnostic
from agpc.runtime.values import read_time

from .finding_fixtures import policy_of

AT = read_time("2026-11-24T00:00:00Z")
POLICY = """\
package shop
agent bot = "spiffe://acme.example/bot"
intent sell "Sell"
tool till { action open, refund }
"""


def found(code: str, *texts: str, limits: Limits | None = None) -> list[Diagnostic]:
    return list(analyze(policy_of(*texts), limits, [code], at=AT))


def test_the_limit_of_a_credential_is_the_projects() -> None:
    text = POLICY + "grant g { to bot for sell allow till.open credential ttl 1h1s }"
    assert found("AGP4103", text) == []
    (finding,) = found("AGP4103", text, limits=Limits(max_ttl=3600))
    assert finding.message == "credentials of grant `shop.g` live for 1h1s"
    assert finding.help is not None and finding.help.startswith("the limit is 1h:")
    assert found("AGP4103", text, limits=Limits(max_ttl=3601)) == []


def test_a_grant_is_reported_once_and_says_how_many_allows_it_has() -> None:
    text = POLICY + "grant g { to bot for sell allow till.open as a allow till.refund as b }"
    (finding,) = found("AGP4101", text)
    assert finding.labels[0].text.endswith(", and 1 more of this grant")


def test_rules_without_an_owner_are_reported_once_for_each_file() -> None:
    forbid = 'package {0} forbid {1} {{ deny any because "No." }}'
    texts = [forbid.format("a", "x"), forbid.format("a", "y"), forbid.format("b", "z")]
    assert [each.message for each in found("AGP4201", *texts)] == [
        "rule `a.x` has no owner",
        "rule `a.y` has no owner",
        "rule `b.z` has no owner",
    ]
    owned = 'package b owner "b" contact "b" forbid z { deny any because "No." }'
    assert len(found("AGP4201", *texts[:2], owned)) == 2


def test_a_grant_for_any_intent_serves_all_and_one_to_any_agent_grants_to_all() -> None:
    text = POLICY + "grant g { to any agent for any intent allow till.open }"
    assert found("AGP4401", text) == found("AGP4402", text) == []


def test_any_mentions_every_action() -> None:
    text = POLICY + 'forbid f { deny any because "No." }'
    assert found("AGP4501", text) == []


def test_fields_of_context_and_user_are_reported_without_a_place() -> None:
    text = POLICY + "context { region: string } user { department?: string }"
    assert [(each.message, each.labels) for each in found("AGP4502", text)] == [
        ("no condition reads `context.region` of the `context` block", ()),
        ("no condition reads `user.department` of the `user` block", ()),
    ]


def test_a_source_reads_the_fields_of_tasks_and_those_of_the_user_that_it_names() -> None:
    text = POLICY.replace('"Sell"', '"Sell" { order: string }') + (
        "user { team: string, desk: string }\n"
        "tool mail { action send(to: string) }\n"
        "grant g { to bot for sell allow mail.send when args.to from ORIGINS }"
    )
    everything = text.replace("ORIGINS", "task, user.team, user.desk")
    assert found("AGP4502", everything) == []
    assert [
        each.message for each in found("AGP4502", text.replace("ORIGINS", "said, user.team"))
    ] == [
        "no condition reads `user.desk` of the `user` block",
        "no condition reads `task.order` of intent `shop.sell`",
    ]


def test_grants_of_packages_that_start_alike_are_kept_apart() -> None:
    inner = "package a.b use a grant x { to a.bot for a.sell allow a.till.open as y }"
    outer = POLICY.replace("package shop", "package a") + (
        "grant b { to bot for sell allow till.open as x valid until 2027-01-01 }"
    )
    policy = policy_of(inner, outer)
    assert {each.id: grant_of(policy, each) for each in policy.allows} == {
        "a.b.x": "a.b",
        "a.b.x.y": "a.b.x",
    }
    assert [each.message for each in found("AGP4101", inner, outer)] == ["grant `a.b.x` never ends"]


def test_the_limit_of_a_validity_is_the_projects() -> None:
    text = POLICY + "grant g { to bot for sell allow till.open valid until 2026-11-25T00:00:01Z }"
    assert found("AGP4106", text) == []
    (finding,) = found("AGP4106", text, limits=Limits(max_validity=86_400))
    said = "grant `shop.g` ends at 2026-11-25T00:00:01Z, which is far from now"
    assert finding.message == said  # and not in how many days, which is another name every day


def test_without_a_time_nothing_is_over_and_no_end_is_far() -> None:
    text = POLICY + "grant g { to bot for sell allow till.open valid until 2020-01-01 }"
    text += "grant h { to bot for sell allow till.open valid until 2200-01-01 }"
    assert list(analyze(policy_of(text), codes=["AGP4105", "AGP4106"])) == []
