# METADATA
# title: Envoy's ext_authz, for MCP over HTTP
# description: |
#   Carries no approvals and no step-up, so that what needs them is never permitted here.
#   Asks the agpc bundle whether an agent may call a tool. Envoy has to verify the peer's certificate (mutual
#   TLS), to verify the task's token with `jwt_authn` (`payload_in_metadata: task`), and to send the body.
package envoy.authz

default allow := false

allow if {
	answer := data.agp.decision with input as _request
	answer.decision == true
	every obligation in answer.context.obligations { obligation.type == "audit" }
}

_http := input.attributes.request.http

_task := input.attributes.metadata_context.filter_metadata["envoy.filters.http.jwt_authn"].task

_request := {
	"subject": {"type": "agent", "id": input.attributes.source.principal, "properties": {}},
	"action": {"name": _call.action, "properties": _call.arguments},
	"resource": {"type": _call.tool, "id": "shop", "properties": {}},
	"context": {
		"time": time.format(time.now_ns()),
		"task": {"id": _task.id, "intent": _task.intent, "state": _task.state},
	},
}

# What the server's tools are in the policy: no part of a name says it, so a tool that is not here is none.
_tools := {
	"create_refund": {"tool": "shop.orders", "action": "refund"},
	"orders.read": {"tool": "shop.orders", "action": "read"},
	"orders.refund": {"tool": "shop.orders", "action": "refund"},
}

# The tool call that the body holds.
_call := {"tool": called.tool, "action": called.action, "arguments": params.arguments} if {
	_http.method == "POST"
	_http.path == "/mcp"
	input.parsed_body.method == "tools/call"
	params := input.parsed_body.params
	called := _tools[params.name]
}
