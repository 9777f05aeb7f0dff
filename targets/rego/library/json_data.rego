# METADATA
# description: Equality of JSON values.
package agpc.json_data

import data.agpc.values

# METADATA
# description: |
#   Whether a JSON object equals a value: 1 equals 1.0, true equals only true. What JSON cannot carry,
#   and broken text, equals nothing.
# scope: document
same(left, right) if {
	left == right
	_is_whole(left)
}

same(left, right) if {
	left != right
	is_object(right)
	object.keys(left) == object.keys(right)
	_has_other_spelling([left, right])
	_leaves(left) == _leaves(right)
	_is_whole(left)
	_is_whole(right)
}

_is_whole(value) if not _is_broken(value)

_is_broken(value) if {
	walk(value, [_, node])
	_is_broken_node(node)
}

_is_broken_node(node) if {
	is_string(node)
	contains(node, "�")
}

_is_broken_node(node) if {
	is_number(node)
	not values.number(node)
}

_is_broken_node(node) if {
	is_object(node)
	some key, _ in node
	contains(key, "�")
}

_has_other_spelling(value) if {
	walk(value, [_, node])
	is_number(node)
	values.number(node) != node
}

_leaves(value) := {leaf |
	walk(value, [path, node])
	leaf := [path, _leaf(node)]
}

_leaf(node) := values.number(node) if is_number(node)

_leaf(node) := [type_name(node)] if type_name(node) in {"array", "object"}

_leaf(node) := node if type_name(node) in {"string", "boolean", "null"}
