"""The OSCAL component definition: NIST's own schema takes it, and so does a tool that reads OSCAL."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.validators import extend

from ..conftest import Run
from .hostile import NASTY, forms

ROOT = Path(__file__).parents[3]
TRESTLE = ROOT / ".cache" / "trestle" / "bin" / "trestle"
SCHEMA = json.loads(
    (Path(__file__).parent / "oscal" / "oscal_component_schema-1.2.3.json").read_text("utf-8")
)


def pattern(validator: object, wanted: str, instance: object, schema: object) -> Any:
    """The patterns of the schema are those of ECMAScript, whose classes of characters Python has other words for."""
    if isinstance(instance, str):
        expression = wanted.replace(r"\p{L}", r"[^\W\d_]").replace(r"\p{N}", r"\d")
        if not re.search(expression.replace("$", r"\Z"), instance):
            yield from extend(Draft7Validator)(False).iter_errors(instance)


Validator = extend(Draft7Validator, {"pattern": pattern})


def problems(text: str) -> list[str]:
    return [
        f"{error.json_path}: {error.message}"
        for error in Validator(SCHEMA).iter_errors(json.loads(text))
    ]


def definition(run: Run) -> str:
    result = run("report", "--format", "oscal", "--at", "2026-11-27")
    assert result.status == 0
    return result.out


def test_the_schema_takes_it(run: Run, shop: Path) -> None:
    assert problems(definition(run)) == []


@pytest.mark.parametrize("text", NASTY)
def test_the_schema_takes_it_whatever_the_names_are(text: str) -> None:
    assert problems(forms([text] * 8, title=text or "x")["oscal"]) == []


def test_the_schema_would_not_take_another_thing(run: Run, shop: Path) -> None:
    document = json.loads(definition(run))
    component = document["component-definition"]["components"][0]
    component["title"] = 3
    component["control-implementations"][0]["implemented-requirements"][0]["control-id"] = "A 1"
    assert len(problems(json.dumps(document))) == 2


def test_what_it_says(run: Run, shop: Path) -> None:
    document = json.loads(definition(run))["component-definition"]
    (component,) = document["components"]
    found = {
        (each["source"], requirement["control-id"]): [
            prop["value"] for prop in requirement["props"] if prop["name"] == "rule"
        ]
        for each in component["control-implementations"]
        for requirement in each["implemented-requirements"]
    }
    resources = {
        f"#{each['uuid']}": each["props"][0]["value"]
        for each in document["back-matter"]["resources"]
    }
    assert {(resources[source], id): rules for (source, id), rules in found.items()} == {
        ("eu-ai-act", "Art.12_1_"): [
            "shop.ending.other", "shop.large_refunds", "shop.past.gone", "shop.selling.opening", "shop.selling.refunding",
        ],
        ("nist-csf-2.0", "PR.AA-05"): ["shop.ending.other"],
        ("owasp-agentic-2026", "ASI03"): [
            "shop.ending.other", "shop.large_refunds", "shop.past.gone", "shop.selling.opening", "shop.selling.refunding",
        ],
    }  # fmt: skip
    assert document["metadata"]["last-modified"] == "2026-11-27T00:00:00Z"
    assert {each["name"] for each in document["metadata"]["parties"]} == {"shop", "someone"}


def test_identifiers_are_the_same_and_of_version_5(run: Run, shop: Path) -> None:
    found = re.findall(r'"uuid": "([^"]+)"', definition(run))
    assert len(found) == len(set(found)) > 5
    assert all(each[14] == "5" for each in found)
    assert re.findall(r'"uuid": "([^"]+)"', definition(run)) == found


@pytest.mark.skipif(
    not TRESTLE.exists(), reason="no compliance-trestle in .cache; .ci/run installs it"
)
def test_trestle_takes_it(run: Run, shop: Path, work: Path) -> None:
    place = work / "trestle" / "component-definitions" / "shop"
    subprocess.run(
        [TRESTLE, "init", "--local", "-tr", work / "trestle"],
        check=False,
        capture_output=True,
        cwd=work,
    )
    (work / "trestle").mkdir(exist_ok=True)
    subprocess.run(
        [TRESTLE, "init", "--local"], check=True, capture_output=True, cwd=work / "trestle"
    )
    place.mkdir(parents=True)
    (place / "component-definition.json").write_text(definition(run))
    done = subprocess.run(
        [TRESTLE, "validate", "-t", "component-definition", "--name", "shop"],
        cwd=work / "trestle", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "VALID" in done.stdout
