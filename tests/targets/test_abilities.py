"""What a target says that it can, its ledger says too, of a rule that has just that."""

from __future__ import annotations

from typing import get_args

import pytest

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.report.source import Source
from agpc.targets.abilities import PARTS, Abilities, Ability, Cannot, Part, Says
from agpc.targets.aws_iam.abilities import AWS
from agpc.targets.cedar.abilities import CEDAR
from agpc.targets.emission import Emission, Options
from agpc.targets.partial import Platform
from agpc.targets.registry import load_target, target_names
from agpc.targets.vault.abilities import VAULT

POLICY = """\
package p
owner "o" contact "o@x.y"
agent bot = "spiffe://t.example/bot" { team: string }
intent work "work"
tool t { name: string action read(n: int) }
grant g { to bot for work allow t.read CLAUSES }
FORBID
bind aws {
    resource t "arn:aws:sqs:eu-west-1:111122223333:${name}" { read = sqs:ReceiveMessage }
    agent bot "arn:aws:iam::111122223333:role/bot"
    session tag intent = "agp:intent"
    session tag task = "agp:task"
}
bind vault { resource t "secret/data/${name}" { read = read } agent bot "bot" }
"""
CLAUSES: dict[Part, str] = {
    "of the call": 'when resource.name == "x"',
    "of the identity": 'when resource.name == "x" and task.id == "t-1"',
    "of the attested": 'when resource.name == "x" and agent.team == "red"',
    "of the arguments": 'when resource.name == "x" and args.n > 1',
    "of lists": 'when resource.name == "x" and has only args.n',
    "facts": "when not after t.read",
    "intents": "",
    "forbids": "",
    "evidence": 'require approval by "role:a" within 1h',
    "valid": "valid until 2030-01-01",
    "during": 'during mon..fri 07:00..19:00 "Europe/Berlin"',
    "obligations": 'oblige notify(channel: "c")',
    "terms": "credential ttl 15m",
}
FORBID = 'forbid f { deny t.read when resource.name == "y" because "no" }'


def abilities(name: str) -> Abilities:
    found: Abilities = getattr(load_target(name), "abilities")  # noqa: B009
    return found


def emitted(target: str, part: Part) -> Emission:
    text = POLICY.replace("CLAUSES", CLAUSES[part])
    text = text.replace("FORBID", FORBID if part == "forbids" else "")
    policy = compile_sources([Source("p.agp", text)]).policy
    assert policy is not None
    return load_target(target).emit(policy, Options())


def test_every_part_has_a_rule_here() -> None:
    assert set(CLAUSES) == set(PARTS) == set(get_args(Part))


@pytest.mark.parametrize("part", [part for part in PARTS if part != "terms"])
@pytest.mark.parametrize("target", target_names())
def test_a_target_says_what_its_ledger_says(target: str, part: Part) -> None:
    made = emitted(target, part)
    is_exact = all(entry.enforcement == "exact" for entry in made.ledger)
    assert made.ledger
    assert is_exact != isinstance(abilities(target)[part], Cannot)


@pytest.mark.parametrize("target", target_names())
def test_terms_are_in_the_answer_or_in_no_artifact(target: str) -> None:
    """They decide nothing, so that the ledger is silent about them."""
    files = emitted(target, "terms").files.values()
    without = emitted(target, "intents").files.values()
    assert (list(files) == list(without)) == isinstance(abilities(target)["terms"], Cannot)


def test_what_a_table_does_not_name_cannot_be_said() -> None:
    table: dict[Part, Ability] = {"valid": Says()}
    assert Abilities("nobody", table)["valid"] == Says()
    assert Abilities("nobody", table)["during"] == Cannot()


@pytest.mark.parametrize("platform", [AWS, CEDAR, VAULT], ids=lambda each: each.name)
@pytest.mark.parametrize("part", ["of the call", "valid", "during", "obligations", "evidence"])
def test_what_is_taken_out_of_a_table_is_not_said(
    platform: Platform, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tables are what the code reads, so that a part that nobody thought of is left out."""
    monkeypatch.setattr(
        type(platform.can), "__getitem__", lambda self, each: Cannot() if each == part else Says()
    )
    target = {"AWS": "aws-iam", "Cedar": "cedar", "Vault": "vault"}[platform.name]
    made = emitted(target, part)
    assert [each.enforcement for each in made.ledger] == ["elsewhere"]
    assert any(Cannot().reason in why for each in made.ledger for why in each.reasons)
