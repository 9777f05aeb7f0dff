# METADATA
# title: Decisions on what agents do
# description: |
#   The input is an OpenID AuthZEN 1.0 evaluation request, `decision` the answer to it. Only
#   `decision.decision`, which `allow` repeats, lets the call happen.
package agp

import data.agpc.evidence
import data.agpc.matching
import data.agpc.rules

# METADATA
# description: Whether the call may happen.
# scope: document
default allow := false

allow if {
	count(rules.allow) > 0 # which is as far as most calls come that nobody thought of
	count(rules.forbid) == 0
	matching.is_shallow
	matching.arguments_are_declared

	# The agent's identity and the call are declared where an allow applies: the rest of a request.
	input.subject.type == "agent"
	is_string(input.resource.id)
	contains(input.resource.id, "�") == false
	some rule in rules.allow
	evidence.are_there(rule.requirements)
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

# regal ignore:rule-length
decision := {
	"decision": false,
	"context": {
		"effect": "deny",
		"rules": ids,
		"reasons": [forbids[id].because | some id in ids],
		"requirements": [],
		"obligations": [],
		"credential": null,
		"owner": forbids[min(ids)].owner,
	},
} if {
	count(rules.forbid) > 0
	matching.is_declared_call
	matching.is_shallow
	forbids := {rule.id: rule | some rule in rules.forbid}
	ids := sort(object.keys(forbids))
} else := {
	"decision": true,
	"context": {
		"effect": "permit",
		"rules": [rule.id],
		"reasons": [],
		"requirements": [],
		"obligations": _obligations,
		"credential": _terms([rule.id]),
		"owner": rule.owner,
	},
} if {
	allow
	count(rules.allow) == 1
	some rule in rules.allow
} else := {
	"decision": true,
	"context": {
		"effect": "permit",
		"rules": ids,
		"reasons": [],
		"requirements": [],
		"obligations": _obligations,
		"credential": _terms(ids),
		"owner": allows[min(ids)].owner,
	},
} if {
	allow
	allows := {rule.id: rule | some rule in rules.allow}
	ids := sort([rule.id | some rule in rules.allow; evidence.are_there(rule.requirements)])
} else := {
	"decision": false,
	"context": {
		"effect": "challenge",
		"rules": ids,
		"reasons": [],
		"requirements": [each |
			some id in ids
			some each in allows[id].requirements
			not evidence.is_there(each)
		],
		"obligations": [],
		"credential": null,
		"owner": allows[min(ids)].owner,
	},
} if {
	count(rules.allow) > 0
	count(rules.forbid) == 0
	matching.is_declared_call
	matching.is_shallow
	matching.arguments_are_declared
	allows := {rule.id: rule | some rule in rules.allow}
	ids := sort(object.keys(allows))
} else := {
	"decision": false,
	"context": {
		"effect": "deny",
		"rules": [],
		"reasons": ["no allow applies"],
		"requirements": [],
		"obligations": [],
		"credential": null,
		"owner": owner,
	},
} if {
	owner := matching.owner
}

_duties[duty.id] := duty if some duty in rules.duty

# What every allow asks that names the call, unless it is known to be for another one.
_obligations := [each | some id in sort(object.keys(_duties)); some each in _duties[id].obligations]

# The tightest terms of all these, if one of the rules that permit has terms at all.
_terms(ids) := {
	"ttl_seconds": _least({duty.ttl_seconds | some duty in rules.duty; duty.ttl_seconds != null}),
	"renew": _least({duty.renew | some duty in rules.duty; duty.renew != null}),
} if {
	some id in ids
	_duties[id].ttl_seconds != null
} else := null

# `min`, which rego-cpp takes of numbers as of text.
_least(terms) := least if {
	some least in terms
	every term in terms { least <= term }
}
