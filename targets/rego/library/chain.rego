# METADATA
# description: |
#   The combiner: a call of an agent that acts for others, decided for each of them, and the strictest of the
#   answers. `delegations` says which `delegate` names the agent and its task, as who hands on and as whom.
package agpc.chain

import data.agpc.delegations
import data.agpc.matching
import data.agpc.one
import data.agpc.values

# METADATA
# description: Whether the agent acts for itself, which one that others may have asked has to say.
# scope: document
is_alone if {
	not _has_chain
	count(delegations.below) == 0
}

is_alone if input.context.delegation == []

_has_chain if input.context.delegation != null

# METADATA
# description: The answer to all agents of a chain that is declared, as the `context` of a decision; else none.
answers contains answer if {
	_is_declared

	# regal ignore:with-outside-test-context,comprehension-term-assignment
	of_each := [context | some each in requests; context := one.decision.context with input as each]
	effect := _strictest({each.effect | some each in of_each})
	found := [each | some each in of_each; each.effect == effect]
	answer := {
		"effect": effect,
		"rules": sort({rule | some each in found; some rule in each.rules}),
		"reasons": _reasons(found),
		"requirements": _once([each.requirements | some each in found]),
		"obligations": _obligations(found),
		"credential": _terms(found),
		"evidence": _once([each.evidence | some each in found]),
		"owner": _owner(found),
	}
}

# --- The chain

_chain := input.context.delegation

_is_declared if {
	is_array(_chain)
	count(_chain) in {1, 2, 3, 4, 5, 6, 7, 8}
	matching.is_shallow
	every link in _chain { _is_link(link) }

	# regal ignore:with-outside-test-context,comprehension-term-assignment
	handed := [sides | some each in requests; sides := delegations.above with input as each]

	# regal ignore:with-outside-test-context,comprehension-term-assignment
	taken := [sides | some each in requests; sides := delegations.below with input as each]
	declared := [at | some at, _ in _chain; count(handed[at + 1] & taken[at]) > 0]
	count(declared) == count(_chain)
}

_is_link(link) if {
	is_object(link)
	values.text(link.agent)
	_is_object_or_nothing(object.get(link, "properties", null))
	is_object(link.task)
	_is_identity(link.task.id)
	values.text(link.task.intent)
}

_is_object_or_nothing(null)

_is_object_or_nothing(value) if is_object(value)

_is_identity(value) if {
	values.text(value)
	value != ""
}

# METADATA
# description: A request for the caller and each agent of its chain, which has its own task and facts.
requests := array.concat([_asked(input.subject, _shared, input.context.task)], [each |
	some link in _chain
	subject := {"type": "agent", "id": link.agent, "properties": object.get(link, "properties", null)}
	own := object.filter(link, ["task", "meters", "sources"])
	each := _asked(subject, object.union(_alike, own), link.task)
])

_asked(subject, context, task) := object.union(
	object.remove(input, ["subject", "context"]),
	{"subject": subject, "context": object.union(context, _approvals(task))},
)

_shared := object.remove(input.context, ["delegation", "approvals"])

_alike := object.remove(_shared, ["task", "meters", "sources"])

# Approvals name the task at hand, for every link; no agent of the chain gives one.
_approvals(task) := {"approvals": [object.union(each, {"task": task.id}) | some each in _counting]} if {
	is_array(input.context.approvals)
	task.id
} else := {}

_counting := [each |
	some each in input.context.approvals
	is_object(each)
	each.task == input.context.task.id
	_is_identity(each.task)
	not _agents[each.by]
]

_agents[input.subject.id] := true

_agents[link.agent] := true if some link in _chain

# --- The answer to all

_strictest(effects) := "deny" if {
	"deny" in effects
} else := "challenge" if {
	"challenge" in effects
} else := "permit"

# Those of the forbids, by identity, and then that to somebody nothing is allowed.
_reasons(found) := array.concat([by_rule[rule] | some rule in sort(object.keys(by_rule))], sort(others)) if {
	by_rule := {rule: reason |
		some each in found
		some at
		rule := each.rules[at]
		reason := each.reasons[at]
	}
	others := {reason |
		some each in found
		some reason in array.slice(each.reasons, count(each.rules), count(each.reasons))
	}
}

# Each once, by the identity of the rule, and of one rule in the order found.
_once(lists) := [each | some rule in sort({each.rule | some each in once}); some each in once; each.rule == rule] if {
	listed := [each | some list in lists; some each in list]
	once := [each |
		some at, each in listed
		earlier := array.slice(listed, 0, at)
		not each in earlier
	]
}

# Those of each rule once, by its identity: a rule obliges to the same for each agent.
_obligations(found) := [each | some id in sort(ids); some each in _first(lists, id)] if {
	lists := [answer_of_one.obligations | some answer_of_one in found]
	ids := {each.id | some list in lists; some each in list}
}

_first(lists, id) := having[0] if {
	having := [of_rule |
		some list in lists
		of_rule := [each | some each in list; each.id == id]
		count(of_rule) > 0
	]
}

_terms(found) := {
	"ttl_seconds": _least({each.credential.ttl_seconds | some each in found}),
	"renew": _least({each.credential.renew | some each in found}),
} if {
	every each in found { each.credential != null }
} else := null

# `min`, which rego-cpp takes of numbers as of text.
_least(terms) := least if {
	some least in terms
	every term in terms { least <= term }
}

# That of the first rule; where nobody has a rule, all have the resource's.
_owner(found) := owners[0] if {
	named := [each | some each in found; count(each.rules) > 0]
	first := min([each.rules[0] | some each in named])
	owners := [each.owner | some each in named; each.rules[0] == first]
} else := found[0].owner
