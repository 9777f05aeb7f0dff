# METADATA
# title: Decisions on what agents do
# description: |
#   The input is an OpenID AuthZEN 1.0 evaluation request, `decision` the answer to it. Only
#   `decision.decision`, which `allow` repeats, lets the call happen.
package agp

import data.agpc.evidence
import data.agpc.index
import data.agpc.matching
import data.agpc.rules

# METADATA
# description: Whether the call may happen.
# scope: document
default allow := false

allow if {
	matching.is_request
	count(rules.applying_forbids) == 0
	count(_permits) > 0
}

# METADATA
# description: The answer, with the rules that decided and what goes with it.
# entrypoint: true
# scope: document
default decision := {
	"decision": false,
	"context": {
		"effect": "deny",
		"rules": [],
		"reasons": ["no allow applies"],
		"requirements": [],
		"obligations": [],
		"credential": null,
		"owner": null,
	},
}

decision := {
	"decision": allow,
	"context": {
		"effect": _effect,
		"rules": _rules,
		"reasons": _reasons,
		"requirements": _requirements,
		"obligations": _obligations,
		"credential": _credential,
		"owner": _owner,
	},
} if {
	matching.is_request
}

_permits[id] := rule if {
	some id, rule in rules.applying_allows
	evidence.are_there(rule.requirements)
}

default _effect := "deny"

_effect := "permit" if {
	allow
} else := "challenge" if {
	count(rules.applying_forbids) == 0
	count(rules.applying_allows) > 0
}

# The rules that decide: of a deny the forbids, of a permit the allows that are met.
_deciding := rules.applying_forbids if _effect == "deny"

_deciding := _permits if _effect == "permit"

_deciding := rules.applying_allows if _effect == "challenge"

_rules := sort(object.keys(_deciding))

_reasons := [] if {
	_effect != "deny"
} else := ["no allow applies"] if {
	count(_rules) == 0
} else := [rules.applying_forbids[id].because | some id in _rules]

default _requirements := []

_requirements := [object.union({"rule": id}, requirement) |
	some id in _rules
	some requirement in rules.applying_allows[id].requirements
	not evidence.is_there(requirement)
] if {
	_effect == "challenge"
}

default _obligations := []

_obligations := [object.union({"id": id}, obligation) |
	some id in sort(object.keys(rules.applying_allows))
	some obligation in rules.applying_allows[id].obligations
] if {
	_effect == "permit"
}

default _credential := null

# The tightest terms of all allows that apply, if one of those that permit has terms at all.
_credential := {
	"ttl_seconds": _least({rule.credential.ttl_seconds | some rule in rules.applying_allows}),
	"renew": _least({rule.credential.renew | some rule in rules.applying_allows}),
} if {
	_effect == "permit"
	some rule in _permits
	rule.credential != null
}

# `min`, which rego-cpp takes of numbers as of text.
_least(terms) := least if {
	some least in terms
	every term in terms { least <= term }
}

_owner := _deciding[min(object.keys(_deciding))].owner if count(_rules) > 0

_owner := object.get(index.owners, input.resource.type, null) if count(_rules) == 0
