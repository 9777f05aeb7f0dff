"""The generated package: what it is made of, what it needs, and what it survives."""

from __future__ import annotations

import ast
import builtins
import json
import re
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from engines.generated import imported
from engines.hand_policies import AMOUNT, POLICY, SPAN, TENANT, policy_with, request
from generators import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agpc.compiler.ir import nodes as ir
from agpc.compiler.meaning import interpreter
from agpc.targets.emission import Options
from agpc.targets.python import TARGET, evaluator
from agpc.targets.python.names import RUNTIME_NAMES
from agpc.targets.python.target import MONITOR_MODULES, MOST_TYPED

from ..code.spoiled import spoiled_policies


def files_of(policy: ir.Policy) -> dict[str, str]:
    return dict(TARGET.emit(policy, Options()).files)


# --- What it is -----------------------------------------------------------------------------------


def test_package_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    write(tmp_path, files_of(POLICY))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import agp_policy; import json;"
        "found = agp_policy.decide(json.loads(sys.argv[2]));"
        "assert not {'agpc', 'jinja2', 'lark', 'pydantic'} & set(sys.modules);"
        "print(found.effect, *found.rules)"
    )
    asked = json.dumps(request())
    run = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path), asked],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "permit p.g.post\n"


def test_package_is_typed(tmp_path: Path) -> None:
    api = pytest.importorskip("mypy.api")
    condition = ir.And(
        (
            ir.Compare("<=", AMOUNT, ir.Constant(ir.NUMBER, 500)),
            ir.Compare("==", TENANT, ir.Attribute("resource", ("tenant",), ir.STRING)),
            ir.Compare("<", ir.Attribute("args", ("n",), ir.INT), ir.Constant(ir.INT, 3)),
            ir.Not(ir.Like(TENANT, "a?b*")),
            ir.Has(ir.Attribute("context", ("x", "y"), ir.BOOL)),
        )
    )
    write(tmp_path, files_of(policy_with(condition)))
    out, _, status = api.run(
        [
            "--strict",
            "--config-file=",
            f"--cache-dir={tmp_path / 'cache'}",
            str(tmp_path / "agp_policy"),
        ]
    )
    assert status == 0, out


TYPED = """
from agp_policy import decide
from agp_policy.requests import Request

RIGHT: Request = {
    "subject": {"type": "agent", "id": "x"},
    "action": {"name": "post", "properties": {"amount": 1}},
    "resource": {"type": "p.ledger", "id": "main"},
}
print(decide(RIGHT))
"""


@pytest.mark.parametrize(
    ("old", "new"), [("x", "x"), ('"post"', '"pots"'), ("p.ledger", "p.leger"), ('"id"', '"ID"')]
)
def test_a_wrong_capability_is_a_type_error(tmp_path: Path, old: str, new: str) -> None:
    api = pytest.importorskip("mypy.api")
    other = replace(POLICY.resources[0], name="p.other")
    policy = replace(POLICY, resources=(*POLICY.resources, other))
    write(tmp_path, {**files_of(policy), "consumer.py": TYPED.replace(old, new)})
    out, _, status = api.run(
        ["--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", str(tmp_path)]
    )
    assert status == (old != new), out


def test_a_policy_of_very_many_actions_names_none() -> None:
    actions = tuple(ir.Action(f"a{n}", (), SPAN) for n in range(MOST_TYPED + 1))
    resource = replace(POLICY.resources[0], actions=actions)
    files = files_of(replace(POLICY, allows=(), resources=(resource,)))
    assert "    name: str\n" in files["agp_policy/requests.py"]
    with imported(files) as package:
        assert package.decide(request()).effect == "deny"


def test_pip_installs_the_package(tmp_path: Path) -> None:
    write(tmp_path / "made", files_of(POLICY))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    installed = [*command, "--no-build-isolation", "--target", "there", "./made"]
    subprocess.run(installed, cwd=tmp_path, check=True)
    assert sorted(each.name for each in (tmp_path / "made").iterdir()) == [
        "agp_policy",
        "pyproject.toml",
    ]
    code = "import agp_policy; print(agp_policy.decide({}).effect, agp_policy.__file__)"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "there",
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("deny ") and "there" in ran.stdout
    for name in ("NOTICE", "py.typed", "runtime/LICENSE"):
        assert (tmp_path / "there" / "agp_policy" / name).exists()


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")


def test_emission_does_not_depend_on_hashing() -> None:
    code = (
        "from agpc.compiler.ir import nodes as ir\n"
        "from agpc.targets.python.constants import Constants\n"
        "k = Constants(ir.Policy())\n"
        "print(k.values(ir.Constants(ir.STRING, tuple('qwertyuiop'))), *k)\n"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1


@pytest.mark.parametrize("name", ["../evil", "a-b", "class", "", "é", "a.b"])
def test_a_name_that_no_package_can_have_is_an_error(name: str) -> None:
    emission = TARGET.emit(POLICY, Options({"package": name}))
    assert [each.code for each in emission.diagnostics] == ["AGP5006"]
    assert not emission.files


def test_the_package_can_be_named() -> None:
    files = TARGET.emit(POLICY, Options({"package": "payments"})).files
    with imported(files, "payments") as package:
        assert package.decide(request()).effect == "permit"


# --- Hostile text ---------------------------------------------------------------------------------

OWN_NAMES = (
    {name for names in RUNTIME_NAMES.values() for name in names}
    | {"all", "any", "bool", "call", "frozenset", "int", "str", "tuple", "type", "list"}
    | {"Arguments", "Evaluator", "Decision", "Vocabulary", "VOCABULARY", "RULES", "annotations"}
    | {
        "text",
        "flag",
        "number",
        "whole",
        "time",
        "date",
        "duration",
        "address",
        "rank",
        "elements",
        "record",
    }
    | {"Literal", "Mapping", "NotRequired", "TypeAlias", "TypedDict", "Union"}
    | {"id", "type", "name", "properties", "subject", "action", "resource", "context"}
    | {"Subject", "Request"}
    | {"element", "value", "decide", "request", "object", "engine", "FACTS", "__all__"}
)


def assert_own_names(path: str, text: str) -> None:
    """Nothing is named, called or imported but what the emitter has put there."""
    assert text.isascii()
    own = OWN_NAMES
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.FunctionDef(name=name):
                assert name.isascii() and name.startswith(
                    ("allow_", "forbid_", "binds_", "decide", "of_record_")
                )
                assert not hasattr(builtins, name)
            case ast.Name(id=name) if re.fullmatch(r"(Action|Resource|Request)\d+", name):
                pass
            case ast.Name(id=name):
                constant = name.rstrip("0123456789").endswith("_") and name[0].isupper()
                made = name.startswith(
                    ("allow_", "forbid_", "binds_", "part_", "other_", "of_record_")
                )
                assert name in own or constant or made, name
            case ast.ImportFrom(module=module, level=level):
                assert level or module in ("__future__", "collections.abc", "typing")
            case ast.Import():
                raise AssertionError(f"{path} imports a module")


@given(st.data())
@settings(suppress_health_check=list(HealthCheck))
def test_hostile_text_stays_in_its_quotes(data: st.DataObject) -> None:
    policy = data.draw(spoiled_policies())
    files = files_of(policy)
    for path, text in files.items():
        if path.endswith(".py") and not re.search("/(runtime|monitor)/", path):
            assert_own_names(path, text)
    asked = data.draw(requests(policy))
    expected = interpreter.decide(policy, asked)
    assert evaluator(policy).decide(asked) == expected
    with imported(files) as package:
        assert asdict(package.decide(asked)) == asdict(expected)


def test_all_of_the_monitor_is_shipped() -> None:
    folder = Path(__file__).parents[3] / "monitor"
    assert sorted(MONITOR_MODULES) == sorted(each.stem for each in folder.glob("*.py"))
