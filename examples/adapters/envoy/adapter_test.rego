package envoy.authz_test

import data.envoy.authz

_now := time.parse_rfc3339_ns("2026-11-24T10:00:00Z")

_input := {
	"attributes": {
		"source": {"principal": "spiffe://acme.example/ns/support/sa/bot"},
		"request": {"http": {"method": "POST", "path": "/mcp", "headers": {"x-agent": "spiffe://acme.example/admin"}}},
		"metadata_context": {"filter_metadata": {"envoy.filters.http.jwt_authn": {"task": {
			"id": "t-1",
			"intent": "shop.refund_customer",
			"state": "active",
		}}}},
	},
	"parsed_body": {
		"jsonrpc": "2.0",
		"id": 1,
		"method": "tools/call",
		"params": {"name": "orders.refund", "arguments": {"order": "o-1", "amount": 20}},
	},
}

_patched(path, value) := json.patch(_input, [{"op": "replace", "path": path, "value": value}])

_removed(path) := json.remove(_input, [path])

test_what_the_policy_permits_passes if {
	authz.allow with input as _input with time.now_ns as _now
}

test_what_the_policy_denies_does_not if {
	patched := _patched("/parsed_body/params/arguments/amount", 101)
	not authz.allow with input as patched with time.now_ns as _now
}

test_a_name_without_a_dot_is_a_tool if {
	patched := _patched("/parsed_body/params/name", "create_refund")
	authz.allow with input as patched with time.now_ns as _now
}

test_another_agent_does_not if {
	patched := _patched("/attributes/source/principal", "spiffe://acme.example/ns/support/sa/other")
	not authz.allow with input as patched with time.now_ns as _now
}

test_another_tool_does_not if {
	every name in ["orders.delete", "orders", "a.b.c", "orders.refund.", "create_refunds", "", 7] {
		patched := _patched("/parsed_body/params/name", name)
		not authz.allow with input as patched with time.now_ns as _now
	}
}

test_nothing_may_be_missing if {
	every path in [
		"attributes/source/principal",
		"attributes/source",
		"attributes/request/http/method",
		"attributes/request/http/path",
		"attributes/metadata_context",
		"attributes/metadata_context/filter_metadata/envoy.filters.http.jwt_authn/task/id",
		"attributes/metadata_context/filter_metadata/envoy.filters.http.jwt_authn/task/intent",
		"attributes/metadata_context/filter_metadata/envoy.filters.http.jwt_authn/task/state",
		"parsed_body/method",
		"parsed_body/params/name",
		"parsed_body/params/arguments",
		"parsed_body/params/arguments/amount",
		"parsed_body",
	] {
		removed := _removed(path)
		not authz.allow with input as removed with time.now_ns as _now
	}
}
