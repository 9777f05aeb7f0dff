"""What is known of AgentCore's gateway and its policies, as of 2026-11-27, and where it is said.

DG is the Amazon Bedrock AgentCore Developer Guide (docs.aws.amazon.com/bedrock-agentcore/latest/devguide),
API the AgentCore Control API Reference, DW the guide of Dogwood (github.com/dogwood-policy/dogwood, `dogwood-docs`).

- A principal is an `AgentCore::OAuthUser`: its id is the token's `sub`, its tags, all strings, are the token's
  claims; it has no attributes but `id` (DG *Schema constraints*; DW 11, the template).
- An action is a tool, called `TARGET___TOOL`, which is in `CallTool`, which is in `Mcp` (DG *Schema constraints*).
- The resource is the `AgentCore::Gateway` of a given ARN, which actions have to be named with (DG *Policy scope*,
  *Schema constraints*).
- The context has `input`, the tool's arguments, and `system.now`, a `datetime` (DG *Time-based policies*; DW 11). A
  string is a `String`, an integer a `Long`, a boolean a `Bool`, a number a `decimal`, to which it is cut, an object a
  record (DG *Schema constraints*). What a list becomes is not said, so nothing here reads one.
- An argument that the tool does not require may be read behind `has` alone (DG *Resource configuration for examples*).
- An engine has at most 1,000 policies (DG *Limitations*).
"""

from __future__ import annotations

NAMESPACE = "AgentCore"
PRINCIPAL, ACTION, GATEWAY = (f"{NAMESPACE}::{each}" for each in ("OAuthUser", "Action", "Gateway"))
TOOL = "___"
"""What stands between the target and the tool in the name of an action (DG *Policy scope*)."""
HIERARCHY = ("CallTool", "Mcp")

MAX_NAME = 48
"""Characters in the name of a policy (API *Policy*)."""
MAX_STATEMENT = 10_000
"""Characters in a statement, and 35 at least (API *PolicyStatement*)."""
MAX_TOTAL = 200_000
"""Bytes of all policies for one resource (DG *Limitations*: 200 KB)."""
MAX_POLICIES = 1_000
