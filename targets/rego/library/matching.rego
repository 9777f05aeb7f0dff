# METADATA
# description: |
#   Which rules name the agent, the intent and the capability of the request. Look-ups in
#   `data.agpc.index`, so that the time this takes does not grow with the number of rules.
package agpc.matching

import data.agpc.index
import data.agpc.values

# METADATA
# description: Whether the input is an AuthZEN evaluation of an agent's call.
is_request if {
	input.subject.type == "agent"
	is_string(input.subject.id)
	is_string(input.action.name)
	is_string(input.resource.type)
	is_string(input.resource.id)
	values.text(concat("", [input.subject.id, input.action.name, input.resource.type, input.resource.id]))
}

# METADATA
# description: The declared capability that the call is of.
capability := index.capabilities[input.resource.type][input.action.name]

# METADATA
# description: The identities of the forbids that name the call.
forbids contains rule if {
	some capability_name in _capabilities
	by_agent := index.forbids[capability_name]
	some agent in _agents
	by_intent := by_agent[agent]
	some intent in _intents
	some rule in by_intent[intent]
}

# METADATA
# description: The identities of the allows that name the call, while the task is active.
allows contains rule if {
	input.context.task.state == "active"
	some capability_name in _capabilities
	by_agent := index.allows[capability_name]
	some agent in _agents
	by_intent := by_agent[agent]
	some intent in _intents
	some rule in by_intent[intent]
}

_capabilities := ["any", concat("", [input.resource.type, ".*"]), capability]

# `any` stands in the index for every agent (intent), `declared` for every declared one.
default _agents := ["any"]

_agents := array.concat(["any", "declared"], _agent_names) if count(_agent_names) > 0

default _intents := ["any"]

_intents := ["any", "declared", input.context.task.intent] if index.intents[input.context.task.intent]

_agent_names := array.concat(object.get(index.agents, input.subject.id, []), [name |
	count(input.subject.id) <= 2048
	segments := split(input.subject.id, "/")
	some depth in index.pattern_depths
	some pattern in index.patterns[concat("/", array.slice(segments, 0, depth))]
	regex.match(pattern.rest, concat("/", array.slice(segments, depth, count(segments))))
	some name in pattern.names
])
