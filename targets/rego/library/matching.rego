# METADATA
# description: Whether the input is a request, and what it is about.
package agpc.matching

# METADATA
# description: |
#   Whether the input is an AuthZEN evaluation of an agent's call, and the call declared. No rule is
#   about another.
is_declared_call if {
	input.subject.type == "agent"
	capability

	# Undefined where one is missing or no text. OPA puts U+FFFD in the place of what is broken.
	texts := concat("", [input.subject.id, input.resource.id])
	contains(texts, "�") == false
}

# METADATA
# description: Who answers for the resource of an evaluation, also where the call is not declared.
owner := _owner if {
	input.subject.type == "agent"
	texts := concat("", [input.subject.id, input.action.name, input.resource.type, input.resource.id])
	contains(texts, "�") == false
}

# METADATA
# description: Whether objects and lists stand in each other on 64 levels at most, the request itself being the first.
# scope: document
is_shallow if _brackets <= 64

is_shallow if {
	_brackets > 64
	not _is_deep
}

# As many levels as brackets, at most; text that holds some only makes it more.
_brackets := (count(split(_text, "{")) + count(split(_text, "["))) - 2

_text := json.marshal(input)

_is_deep if {
	walk(input, [path, value])
	count(path) >= 64
	_is_holder(value)
}

_is_holder(value) if is_object(value)

_is_holder(value) if is_array(value)

# METADATA
# description: |
#   Whether nobody slipped an argument in, or a field into a record of the arguments. No allow is about
#   a call that has one, also if it is null.
# scope: document
arguments_are_declared if object.get(input.action, "properties", null) == null

arguments_are_declared if {
	is_object(input.action.properties)
	not _has_undeclared_argument
	not _has_undeclared_field
}

_has_undeclared_argument if {
	not _arguments.open
	some name, _ in input.action.properties
	not _arguments.names[name]
}

# The fields of each record stand under the names on the way to it. No name has a line break.
_has_undeclared_field if {
	count(_arguments.records) > 0
	walk(input.action.properties, [path, _])
	names := [name | some name in path; is_string(name)]
	count(names) > 1
	fields := _arguments.records[concat("\n", array.slice(names, 0, count(names) - 1))]
	not fields[names[count(names) - 1]]
}

# --- What is declared, which the bundle carries as data, where Regal does not look

# METADATA
# description: The declared capability that the call is of.
capability := data.agpc.index.capabilities[input.resource.type][input.action.name] # regal ignore:unresolved-reference

_arguments := data.agpc.index.arguments[input.resource.type][input.action.name] # regal ignore:unresolved-reference

_owner := data.agpc.index.owners[input.resource.type] # regal ignore:unresolved-reference

# METADATA
# description: Whether the task has an intent that is declared.
intent_is_declared if data.agpc.index.intents[input.context.task.intent] # regal ignore:unresolved-reference

# METADATA
# description: Whether a user is declared, on whose behalf agents act.
has_user if data.agpc.index.has_user # regal ignore:unresolved-reference

# METADATA
# description: Whether the agent's SPIFFE ID is declared, and not just fits a pattern that is.
agent_has_declared_id if data.agpc.index.agents[input.subject.id] # regal ignore:unresolved-reference

# --- SPIFFE patterns. A wildcard stands for a segment, which is not `.` or `..`. An ID has 2048 characters at most.

# METADATA
# description: Whether one segment stands behind this start of the agent's SPIFFE ID.
is_segment_behind(start) if {
	segment := trim_prefix(input.subject.id, start)
	regex.match(`^(?:[A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*$`, segment)
	count(input.subject.id) <= 2048
}

# METADATA
# description: Whether one segment or more stand behind this start of the agent's SPIFFE ID.
are_segments_behind(start) if is_behind(
	start,
	# regal ignore:line-length
	`^(?:[A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*(?:/(?:[A-Za-z0-9_-]|\.[A-Za-z0-9_-]|\.\.[A-Za-z0-9._-])[A-Za-z0-9._-]*)*$`,
)

# METADATA
# description: Whether what fits a regular expression stands behind this start of the agent's SPIFFE ID.
is_behind(start, end) if {
	regex.match(end, trim_prefix(input.subject.id, start))
	count(input.subject.id) <= 2048
}
