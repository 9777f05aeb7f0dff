"""The Vault target, by example and against an evaluator of Vault's documented matching."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest
from engines import vault
from engines.vault_cases import BIND, HEAD, grant, policy_of
from generators import hostile_text
from hypothesis import given
from hypothesis import strategies as st

from agpc.compiler.check.compiling.compile import compile_sources
from agpc.compiler.ir import nodes as ir
from agpc.compiler.ir.printing.conditions import string_text as quoted
from agpc.compiler.report.source import Source
from agpc.targets.emission import Emission, Options
from agpc.targets.vault import TARGET
from agpc.targets.vault.index import PathIndex
from agpc.targets.vault.paths import Path
from agpc.targets.vault.target import MAX_POLICY
from agpc.targets.write import check_paths


def emitted(rules: str, bind: str = BIND) -> Emission:
    return TARGET.emit(policy_of(rules, bind), Options())


def ledger(emission: Emission) -> dict[str, str]:
    return {each.rule: each.enforcement for each in emission.ledger}


def test_conditions_on_the_path_become_paths() -> None:
    emission = emitted(
        grant('allow secrets.read when resource.team == "web" and resource.name like "app/*"')
    )
    assert vault.read(emission.files["ops.bot/ops.deploy.hcl"]) == {
        "secret/data/web/app/*": {"read"}
    }
    assert ledger(emission) == {"ops.g.secrets.read": "exact"}


def test_what_is_denied_twice_is_said_as_well() -> None:
    emission = emitted(
        grant('allow secrets.read when not (resource.team != "web" or resource.name != "a")')
    )
    assert vault.read(emission.files["ops.bot/ops.deploy.hcl"]) == {"secret/data/web/a": {"read"}}
    assert ledger(emission) == {"ops.g.secrets.read": "exact"}


def test_each_intent_has_a_policy_of_its_own() -> None:
    emission = emitted(grant('allow secrets.read when resource.team == "web"', intents="rotate"))
    assert list(emission.files) == ["ops.bot/ops.rotate.hcl"]


@pytest.mark.parametrize(
    "clause",
    [
        'allow secrets.read when resource.team == "web" and resource.size < 5',
        'allow secrets.read when resource.team != "web"',
        'allow secrets.read when resource.team == "web" or resource.team == "app"',
        'allow secrets.read when resource.team == "w*"',
        'allow secrets.read when resource.team == "{{identity.entity.name}}"',
        'allow secrets.read when resource.name like "a?"',
        'allow secrets.read when resource.name like "*a"',
        'allow secrets.read require approval by "role:x"',
        "allow secrets.read revoke when not context.ok",
        "allow secrets.read valid until 2027-01-01",
        'allow secrets.read during mon 07:00..08:00 "Europe/Berlin"',
        'allow secrets.read oblige notify(channel: "x")',
    ],
)
def test_what_vault_cannot_say_is_left_out_and_never_dropped(clause: str) -> None:
    emission = emitted(grant(clause))
    assert emission.files == {}
    assert ledger(emission) == {"ops.g.secrets.read": "elsewhere"}
    assert [each.code for each in emission.diagnostics] == ["AGP5004"]


def test_an_allow_that_a_forbid_may_meet_is_left_out() -> None:
    emission = emitted(
        grant("allow secrets.read", "allow secrets.list")
        + " forbid f { deny secrets.read when resource.size > 5 }"
    )
    assert ledger(emission) == {
        "ops.f": "exact",
        "ops.g.secrets.read": "elsewhere",
        "ops.g.secrets.list": "exact",
    }


def test_a_family_is_stricter_since_only_bound_agents_have_a_policy() -> None:
    emission = emitted(grant('allow secrets.read when resource.team == "web"', to="bots"))
    assert ledger(emission) == {"ops.g.secrets.read": "stricter"}


def test_all_that_is_lost_of_a_rule_is_said() -> None:
    emission = emitted(
        grant(
            'allow secrets.read as one when resource.name like "a/*"',
            'allow secrets.read as two when resource.team == "t"',
            to="bots",
        )
    )
    assert {each.rule: each.reasons for each in emission.ledger} == {
        "ops.g.one": (
            "only agents that `bind vault` names have a policy there",
            "Vault takes the most specific of several paths alone",
            "an attribute inside the path is one segment there",
        ),
        "ops.g.two": (
            "only agents that `bind vault` names have a policy there",
            "Vault takes the most specific of several paths alone",
        ),
    }


def test_an_allow_for_agents_without_a_policy_there_is_left_to_others() -> None:
    emission = emitted(grant("allow secrets.read", to="far"))
    assert emission.files == {}
    assert ledger(emission) == {"ops.g.secrets.read": "elsewhere"}
    assert [each.code for each in emission.diagnostics] == ["AGP5004"]


def test_two_capabilities_that_are_one_to_vault_are_left_out() -> None:
    bind = BIND.replace("write = create, update", "write = read")
    emission = emitted(grant("allow secrets.read"), bind)
    assert ledger(emission) == {"ops.g.secrets.read": "elsewhere"}


def test_a_policy_is_as_large_as_vault_stores_and_no_larger() -> None:
    def sized(size: int) -> Emission:
        names = [f"{number:02}" + "x" * 60_000 for number in range(17)] + ["y" * size]
        listed = ", ".join(f'"{each}"' for each in names)
        return emitted(
            grant(f'allow secrets.read when resource.team == "t" and resource.name in [{listed}]')
        )

    one = len(sized(1).files["ops.bot/ops.deploy.hcl"].encode())
    full = MAX_POLICY - one + 1
    for size in (full - 1, full):
        assert len(sized(size).files["ops.bot/ops.deploy.hcl"].encode()) == MAX_POLICY - full + size
    beyond = sized(full + 1)
    assert beyond.files == {}
    (problem,) = (each for each in beyond.diagnostics if each.severity == "error")
    assert problem.code == "AGP5002"
    assert "ops.g.secrets.read" in (problem.help or "")


def test_agents_and_intents_of_any_name_have_files_of_their_own() -> None:
    long = "n" * 300
    head = HEAD.replace("intent rotate", f'intent Deploy "D"\nintent {long} "N"\nintent rotate')
    source = head + grant("allow secrets.read", intents="deploy, Deploy, " + long) + BIND
    compilation = compile_sources([Source("p.agp", source)])
    assert compilation.policy is not None, compilation.diagnostics
    made = TARGET.emit(compilation.policy, Options())
    check_paths(made.files)
    intents = [each.intent for each in made.artifacts.values()]
    assert sorted(filter(None, intents)) == ["ops.Deploy", "ops.deploy", f"ops.{long}"]


def test_the_name_of_a_source_stays_in_its_comment() -> None:
    policy = policy_of(grant("allow secrets.read"))
    (allow,) = policy.allows
    elsewhere = allow.span._replace(file='x\npath "*" { capabilities = ["sudo"] }\n#')
    made = TARGET.emit(replace(policy, allows=(replace(allow, span=elsewhere),)), Options())
    (text,) = made.files.values()
    assert set(vault.read(text)) == {"secret/data/+/*"}


@pytest.mark.parametrize(
    ("bind", "code"),
    [
        (BIND.replace("read = read", "read = reed"), "AGP5005"),
        ("", "AGP5006"),
    ],
)
def test_a_wrong_binding_is_an_error(bind: str, code: str) -> None:
    emission = emitted(grant("allow secrets.read"), bind)
    assert emission.files == {}
    assert code in [each.code for each in emission.diagnostics]


@given(hostile_text())
def test_no_text_leaves_its_place(text: str) -> None:
    emission = emitted(grant(f"allow secrets.read when resource.name == {quoted(text)}"))
    for each in emission.files.values():
        assert all("path" not in path for path in vault.read(each))


paths = st.builds(
    Path,
    st.lists(st.sampled_from(["a", "ab", "b", "+"]), min_size=1, max_size=3).map(tuple),
    st.booleans(),
).filter(lambda path: not (path.open and path.segments[-1] == "+"))
TEXTS = [
    "/".join(each)
    for n in (1, 2, 3, 4)
    for each in itertools.product(["a", "ab", "b", "abc"], repeat=n)
]


@given(st.lists(paths, max_size=8), paths)
def test_the_index_finds_what_trying_each_would(kept: list[Path], asked: Path) -> None:
    index = PathIndex(kept)
    assert set(index.covering(asked)) == {each for each in kept if each.covers(asked)}
    assert set(index.meeting(asked)) == {each for each in kept if each.meets(asked)}


def of_size(resources: int) -> ir.Policy:
    """Ten capabilities a resource, all bound, each with an allow; every tenth path is open below."""
    declared, bound, grants = [], [], []
    for number in range(resources):
        declared.append(
            f"dataset d{number} {{ name: string action {', '.join(f'x{k}' for k in range(10))} }}"
        )
        places = [f'x{k} = read on "secret/m{k}/app{number}/${{name}}"' for k in range(10)]
        bound.append(f"resource d{number} {{ {' '.join(places)} }}")
        grants += [
            grant(f"allow d{number}.x{k}" + (' when resource.name == "a"' if k else "")).replace(
                "grant g", f"grant g{number}_{k}"
            )
            for k in range(10)
        ]
    return policy_of(
        "\n".join((*declared, *grants)), f'bind vault {{ {" ".join(bound)} agent bot "bot" }}'
    )


def test_a_path_is_not_held_against_every_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0
    real = {name: getattr(Path, name) for name in ("covers", "meets")}

    def counted(name: str) -> Callable[[Path, Path], bool]:
        def ask(one: Path, other: Path) -> bool:
            nonlocal tried
            tried += 1
            return bool(real[name](one, other))

        return ask

    for name in real:
        monkeypatch.setattr(Path, name, counted(name))
    emission = TARGET.emit(of_size(200), Options())
    assert set(ledger(emission).values()) == {"exact"}
    assert len(vault.read(emission.files["ops.bot/ops.deploy.hcl"])) == 2_000
    assert tried < 10 * 2_000


@given(paths, paths)
def test_covering_and_meeting_are_what_the_evaluator_says(one: Path, other: Path) -> None:
    mine = {text for text in TEXTS if vault.matches(str(one), text)}
    theirs = {text for text in TEXTS if vault.matches(str(other), text)}
    if one.covers(other):
        assert theirs <= mine
    if mine & theirs:
        assert one.meets(other)
