"""What of a rule has nothing to do on a platform is said in the ledger, and is not a loss."""

from __future__ import annotations

import cedarpy
import pytest
from engines.aws_cases import AIDE, BOT, allow, attribute, forbid, policy, text

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.report.source import Source
from agpc.targets import aws_iam, cedar, vault
from agpc.targets.emission import LedgerEntry, Options, Target
from agpc.targets.manifest import describe_entry

READ, VOID = "docs.file.read", "docs.file.void"
AGENT = ir.Attribute("agent", ("id",), ir.STRING)
STATE = ir.Attribute("task", ("state",), ir.EnumType(ir.TASK_STATE))
STRANGER = ir.Compare("==", AGENT, text("spiffe://acme.example/stranger"))
DRIFTED = ir.Compare("==", STATE, ir.Constant(STATE.type, "drifted"))
SECRET = ir.Compare("==", attribute("resource", "tenant"), text("t1"))
OF_THE_STATE = (
    "a session is taken to be of an active task, so what it says of `task.state` meets none: "
    "end the session with the task"
)
TWO_OF_THREE = "2 of the 3 capabilities that it names are not bound on AWS, so of them there is nothing to deny"


def entry_of(rule: ir.Rule, *others: ir.Rule, **binding: object) -> LedgerEntry:
    """What aws-iam says of a rule, among others."""
    made = aws_iam.TARGET.emit(
        policy(rule, *others, **binding),  # type: ignore[arg-type]
        Options({"reference": "none"}),
    )
    (entry,) = (each for each in made.ledger if each.rule == rule.id)
    return entry


TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/${path}"
"""Where a deny of everything meets what it names, and nothing else."""

ONLY_AIDE = {"agents": ((AIDE, "arn:aws:iam::111122223333:role/aide"),)}


@pytest.mark.parametrize(
    ("rule", "binding", "idle"),
    [
        (
            forbid("f", VOID),
            {},
            ("it names nothing that is bound on AWS, so there is nothing to deny",),
        ),
        (
            forbid("f", READ, agents=(BOT,)),
            ONLY_AIDE,
            ("it is about no agent that has a role on AWS, so there is nothing to deny",),
        ),
        (
            forbid("f", READ, when=STRANGER),
            {},
            ("no request of an agent with a role can meet it, so there is nothing to deny",),
        ),
        (
            forbid("f", READ, VOID),
            {},
            ("`docs.file.void` is not bound on AWS, so of it there is nothing to deny",),
        ),
        (
            forbid("f", "any"),
            {"actions": (ir.ActionBinding("read", ("s3:GetObject",)),)},
            (TWO_OF_THREE,),
        ),
        (forbid("f", READ, when=DRIFTED), {}, (OF_THE_STATE,)),
        (forbid("f", READ, when=ir.Or((SECRET, DRIFTED))), {}, (OF_THE_STATE,)),
        (forbid("f", READ, when=SECRET, unless=ir.Not(DRIFTED)), {}, (OF_THE_STATE,)),
        (forbid("f", READ), {}, ()),
        (forbid("f", READ, when=SECRET), {}, ()),
        (
            allow("g.r", READ, when=DRIFTED),
            {},
            ("no request of an agent with a role can meet it, so nothing is allowed",),
        ),
        (allow("g.r", READ), {}, ()),
    ],
)
def test_aws_says_what_is_exact_since_nothing_there_meets_it(
    rule: ir.Rule, binding: dict[str, object], idle: tuple[str, ...]
) -> None:
    entry = entry_of(rule, allow("other", READ, agents=(AIDE,)), **{"location": TABLE, **binding})
    assert (entry.enforcement, entry.reasons, entry.idle) == ("exact", (), idle)


def test_a_forbid_that_aws_widens_says_what_of_it_is_idle_beside_what_is_lost() -> None:
    unseen = ir.Compare(">", attribute("context", "risk"), ir.Constant(ir.NUMBER, 1))
    entry = entry_of(forbid("f", READ, VOID, when=unseen))
    assert entry.enforcement == "stricter"
    assert len(entry.reasons) == 2  # and that the deny meets access points
    assert entry.idle == (
        "`docs.file.void` is not bound on AWS, so of it there is nothing to deny",
    )


def test_what_an_allow_loses_is_never_called_idle() -> None:
    for rule in (allow("g.r", VOID), allow("g.r", READ, VOID)):
        entry = entry_of(rule)
        assert entry.enforcement != "exact"
        assert entry.idle == ()


def test_the_manifest_has_what_is_idle() -> None:
    said = describe_entry(entry_of(forbid("f", VOID)))
    assert said["reasons"] == []
    assert said["idle"] == ["it names nothing that is bound on AWS, so there is nothing to deny"]


NEVER = """package p
agent bot = "spiffe://t.example/bot"
intent work "Work"
dataset d { name: string action read }
grant g { to bot for work
    allow d.read as never when resource.name in []
    allow d.read as some when resource.name == "a"
}
forbid f { deny d.read when resource.name in [] because "Never." }
bind vault { resource d "secret/${name}" { read = read } agent bot "bot" }
"""


NOTHING = """package p
agent bot = "spiffe://t.example/bot" { since: time }
intent work "Work"
tool t { level: string }
grant g { to bot for work allow t.* }
forbid f { deny t.* because "None." }
forbid a { deny any because "None." }
"""


def test_cedar_has_no_policy_for_a_rule_that_names_no_action() -> None:
    compiled = compile_sources([Source("p.agp", NOTHING)])
    assert compiled.policy is not None, compiled.diagnostics
    made = cedar.TARGET.emit(compiled.policy, Options())
    text, schema = made.files["policies.cedar"], made.files["schema.json"]
    assert "permit (" not in text
    assert "forbid (" not in text
    assert cedarpy.validate_policies(text, schema).validation_passed
    assert {each.enforcement for each in made.ledger} == {"exact"}
    assert all(each.idle for each in made.ledger)


@pytest.mark.parametrize(
    ("target", "rules", "idle"),
    [
        (cedar.TARGET, NEVER, {"p.g.never": "no request can meet it, so it has no policy"}),
        (
            vault.TARGET,
            NEVER.replace("forbid f { deny d.read", "forbid f { to stranger deny d.read").replace(
                "intent work", 'agent stranger = "spiffe://t.example/x"\nintent work'
            ),
            {
                "p.g.never": "no path can meet it, so nothing is opened",
                "p.f": "nothing is opened that it may meet, so there is nothing to deny",
            },
        ),
    ],
)
def test_other_platforms_say_so_as_well(target: Target, rules: str, idle: dict[str, str]) -> None:
    compiled = compile_sources([Source("p.agp", rules)])
    assert compiled.policy is not None, compiled.diagnostics
    made = target.emit(compiled.policy, Options())
    assert {each.enforcement for each in made.ledger} == {"exact"}
    assert {each.rule: each.idle[0] for each in made.ledger if each.idle} == idle
