# METADATA
# title: Decisions on what one agent does, whomever it acts for
# description: |
#   What `agp.decision` asks for each agent of a chain: it is no answer to a request that has one.
package agpc.one

import data.agpc.evidence
import data.agpc.matching
import data.agpc.people
import data.agpc.rules

# METADATA
# description: Whether the call may happen.
# scope: document
default allow := false

allow if {
	count(rules.allow) > 0 # which is as far as most calls come that nobody thought of
	count(_walls) == 0
	matching.is_shallow
	matching.arguments_are_declared

	# The agent's identity and the call are declared where an allow applies: the rest of a request.
	input.subject.type == "agent"
	is_string(input.resource.id)
	contains(input.resource.id, "�") == false
	some rule in rules.allow
	_permits(rule)
}

# Forbids that no evidence lifts: they deny, whatever a request shows.
_walls contains rule if {
	some rule in rules.forbid
	people.asked_by(rule) == []
}

# Forbids that evidence lifts, by identity, and those of all that are not lifted.
_asking[rule.id] := rule if {
	some rule in rules.forbid
	people.asked_by(rule) != []
}

_standing[rule.id] := rule if some rule in _walls

_standing[id] := rule if {
	some id, rule in _asking
	count(people.missing(people.asked({id: rule}))) > 0
}

# Where an allow applies, and somebody could still lift each forbid that is not lifted.
_is_question if {
	count(_walls) == 0
	count(rules.allow) > 0
	matching.arguments_are_declared
	every rule in _standing {
		every requirement in people.asked_by(rule) { evidence.can_be_given(requirement) }
	}
}

# What each allow asks for together with the forbids that ask, unless these are too many approvals.
_ways[rule.id] := way if {
	some rule in rules.allow
	way := people.asked(object.union(_asking, {rule.id: rule}))
	_is_open(way)
}

_is_open(_) if count(_asking) == 0

_is_open(way) if people.are_few(way)

_permits(rule) if {
	count(rule.requirements) == 0
	count(_asking) == 0
}

_permits(rule) if count(people.missing(_ways[rule.id])) == 0

# METADATA
# description: The answer, with the rules that decided and what goes with it.
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
		"evidence": [],
		"owner": null,
	},
}

# regal ignore:rule-length
decision := {
	"decision": false,
	"context": {
		"effect": "deny",
		"rules": ids,
		"reasons": [_standing[id].because | some id in ids],
		"requirements": [],
		"obligations": [],
		"credential": null,
		"evidence": [],
		"owner": _standing[min(ids)].owner,
	},
} if {
	count(rules.forbid) > 0
	count(_standing) > 0
	not _is_question
	matching.is_declared_call
	matching.is_shallow
	ids := sort(object.keys(_standing))
} else := {
	"decision": false,
	"context": {
		"effect": "deny",
		"rules": ids,
		"reasons": [_asking[id].because | some id in ids],
		"requirements": [],
		"obligations": [],
		"credential": null,
		"evidence": [],
		"owner": _asking[min(ids)].owner,
	},
} if {
	count(_asking) > 0
	count(rules.allow) > 0
	count(_ways) == 0
	count(_walls) == 0
	matching.is_declared_call
	matching.is_shallow
	matching.arguments_are_declared
	ids := sort(object.keys(_asking))
} else := {
	"decision": true,
	"context": {
		"effect": "permit",
		"rules": [rule.id],
		"reasons": [],
		"requirements": [],
		"obligations": _obligations,
		"credential": _terms([rule.id]),
		"evidence": people.rests_on(_ways[rule.id]),
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
		"evidence": people.rests_on(_ways[_cheapest(ids)]),
		"owner": allows[min(ids)].owner,
	},
} if {
	allow
	allows := {rule.id: rule | some rule in rules.allow}
	ids := sort([rule.id | some rule in rules.allow; _permits(rule)])
} else := {
	"decision": false,
	"context": {
		"effect": "challenge",
		"rules": ids,
		"reasons": [],
		"requirements": [object.remove(each, ["number"]) |
			some each in people.asked(object.union(_asking, allows))
			[each.rule, each.number] in _lacking
		],
		"obligations": [],
		"credential": null,
		"evidence": [],
		"owner": asked[min(ids)].owner,
	},
} if {
	count(_ways) > 0
	count(_walls) == 0
	matching.is_declared_call
	matching.is_shallow
	matching.arguments_are_declared
	allows := {rule.id: rule | some rule in rules.allow; _ways[rule.id]}
	asked := object.union(allows, {id: rule | some id, rule in _asking; id in {each[0] | some each in _lacking}})
	ids := sort(object.keys(asked))
} else := {
	"decision": false,
	"context": {
		"effect": "deny",
		"rules": [],
		"reasons": ["no allow applies"],
		"requirements": [],
		"obligations": [],
		"credential": null,
		"evidence": [],
		"owner": owner,
	},
} if {
	owner := matching.owner
}

# What is missing on the ways that want least of the forbids: those of allows that are met by themselves, if any are.
_lacking contains [each.rule, each.number] if {
	some rule in rules.allow
	_is_near(rule)
	some each in people.missing(_ways[rule.id])
}

_met contains rule.id if {
	some rule in rules.allow
	_ways[rule.id]
	count(people.missing(people.asked({rule.id: rule}))) == 0
}

_is_near(_) if count(_met) == 0

_is_near(rule) if rule.id in _met

# Of the allows that permit the one that asks for the fewest pieces of evidence.
_cheapest(ids) := sort([id | some id in ids; people.pieces(_ways[id]) == least])[0] if {
	least := _least({people.pieces(_ways[id]) | some id in ids})
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
