"""A strict check of a policy document's structure, from the grammar of IAM's JSON policies.

Pages: reference_policies_grammar.html, reference_policies_elements_sid.html,
reference_policies_elements_resource.html, reference_policies_elements_principal.html,
reference_iam-quotas.html of the IAM user guide. It is stricter than IAM: only a trust policy has a
`Principal`, and always; only a deny of ours has `NotAction` or `NotResource`; and there are no
unknown operators, of which IAM takes some in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

OPERATOR = re.compile(
    r"(?:String(?:Not)?(?:Equals|Like)|(?:Numeric|Date)(?:Not)?Equals"
    r"|(?:Numeric|Date)(?:LessThan|GreaterThan)(?:Equals)?|Bool|(?:Not)?IpAddress|ArnEquals)"
    r"(?:IfExists)?|Null|ForAllValues:StringEquals"
    r"|ForAnyValue:String(?:Equals|EqualsIgnoreCase|Like)"
)
ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
ARN = re.compile(
    r"arn:aws[a-z-]*:[a-z0-9-]+:(?:[a-z0-9-]*|\*):(?:[0-9]{12}|aws|\?\*)?:[^ ].*", re.DOTALL
)
KEY = re.compile(r"[A-Za-z0-9._~/-]+:[A-Za-z0-9 _.:/=+@-]+")
ESCAPE = re.compile(r"\$\{[*?$]\}")


def problems(
    text: str, limit: int, *, count_space: bool, kind: str = "identity policy"
) -> list[str]:
    """All that is wrong with a document of a kind; `limit` is in characters."""
    return list(_problems(text, limit, count_space, kind))


def _problems(text: str, limit: int, count_space: bool, kind: str) -> Iterator[str]:
    if not all("\u0020" <= each <= "\u00ff" or each in "\t\n\r" for each in text):
        yield "a character that IAM does not take"
    data = json.loads(text, object_pairs_hook=_without_twins)
    compact = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if len(text if count_space else compact) > limit:
        yield f"larger than {limit}"
    if list(data) != ["Version", "Statement"] or data["Version"] != "2012-10-17":
        yield "not Version 2012-10-17 and Statement"
    statements = data["Statement"]
    if not isinstance(statements, list) or not statements:
        yield "no statement"
        return
    sids = [each["Sid"] for each in statements if "Sid" in each]
    if len(set(sids)) != len(sids):
        yield "a Sid twice"
    for each in statements:
        yield from _statement(each, is_trust="trust policy" in kind)
        if kind == "service control policy" and each["Effect"] != "Deny":
            yield "a grant in a service control policy"


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no key stands twice, whatever its case."""
    keys = [key.lower() for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key twice in {keys}")
    return dict(pairs)


def _statement(each: dict[str, Any], *, is_trust: bool) -> Iterator[str]:
    elements = {"Action", "NotAction", "Resource", "NotResource", "Principal"} & set(each)
    if not set(each) <= {"Sid", "Effect", "Condition"} | elements:
        yield f"unknown elements in {sorted(each)}"
    if re.fullmatch(r"[0-9A-Za-z]+", each.get("Sid", "x")) is None:
        yield f"a Sid that is none: {each['Sid']!r}"
    if each["Effect"] not in ("Allow", "Deny"):
        yield "no effect"
    if each["Effect"] == "Allow" and elements & {"NotAction", "NotResource"}:
        yield "an allow of all but something"
    if ("Principal" in each) is not is_trust:
        yield "a principal where there is none, or none where there has to be one"
    if len(elements & {"Action", "NotAction"}) != 1:
        yield "not one of Action and NotAction"
    if len(elements & {"Resource", "NotResource"}) != (0 if is_trust else 1):
        yield "not one of Resource and NotResource, or a resource in a trust policy"
    if is_trust and each["Effect"] == "Allow" and each["Principal"] == "*":
        yield "anybody is trusted"
    for value in _texts(each.get("Action", each.get("NotAction"))):
        if ACTION.fullmatch(value) is None and (value, each["Effect"]) != ("*", "Deny"):
            yield f"not an action: {value!r}"
    for value in () if is_trust else _texts(each.get("Resource", each.get("NotResource"))):
        if value != "*" and ARN.fullmatch(value) is None:
            yield f"not an ARN: {value!r}"
        if "$" in ESCAPE.sub("", value):
            yield f"a variable in {value!r}"
        before = "".join(ESCAPE.sub("", value).split(":", 5)[:5])
        if each["Effect"] == "Allow" and set(before) & {"*", "?"} and value != "*":
            yield f"a wildcard outside the resource part of {value!r}"
    for operator, block in each.get("Condition", {}).items():
        if OPERATOR.fullmatch(operator) is None:
            yield f"not an operator: {operator}"
        if each["Effect"] == "Allow" and operator.endswith("IfExists"):
            yield f"{operator} in an allow is met by a missing key"
        if each["Effect"] == "Allow" and operator.startswith("ForAll") and not _asks_for_tag(each):
            yield f"{operator} in an allow is met by no tags"
        if not block:
            yield f"an empty {operator}"
        for key, values in block.items():
            if KEY.fullmatch(key) is None:
                yield f"not a condition key: {key!r}"
            if each["Effect"] == "Allow" and "Not" in operator and not _is_there(each, key):
                yield f"{operator} of {key} in an allow is met by a missing key"
            if any("$" in ESCAPE.sub("", value) for value in _texts(values)):
                yield f"a variable in {values!r}"


def _asks_for_tag(statement: dict[str, Any]) -> bool:
    """Whether a statement asks for some session tag, so that there are tags."""
    return any(
        key.startswith("aws:RequestTag/") for key in statement["Condition"].get("StringEquals", {})
    )


def _is_there(statement: dict[str, Any], key: str) -> bool:
    """Whether a statement asks for the key to be there, beside a negated test of it."""
    condition = statement["Condition"]
    return condition.get("Null", {}).get(key) == "false" or any(
        key in block
        for operator, block in condition.items()
        if "Not" not in operator and operator != "Null"
    )


def _texts(value: Any) -> list[str]:
    """One text or a list of them that is not empty."""
    found = value if isinstance(value, list) else [value]
    if not found or not all(isinstance(each, str) for each in found):
        raise ValueError(f"not texts: {value!r}")
    return found
