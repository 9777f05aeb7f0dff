# METADATA
# description: |
#   What rules ask for together, of people who are enough: each approval of an answer is by people
#   of its own, of which there are enough if no set of approvals has fewer than it asks for (P. Hall).
package agpc.people

import data.agpc.evidence
import data.agpc.values

# METADATA
# description: What rules, by identity, ask for together; each is numbered, as two may be the same.
asked(rules) := [numbered |
	ids := sort(object.keys(rules))
	some id in ids
	wanted := asked_by(rules[id])
	some number in numbers.range(0, count(wanted) - 1)
	each := wanted[number]
	numbered := object.union(each, {"number": number})
]

# METADATA
# description: What a rule asks for; most forbids ask for nothing.
asked_by(rule) := object.get(rule, "requirements", [])

# METADATA
# description: Whether one answer may rest on so many approvals.
are_few(wanted) if count(_approvals(wanted)) <= 4

# METADATA
# description: How many pieces of evidence are asked for.
pieces(wanted) := sum([object.get(each, "count", 1) | some each in wanted])

# METADATA
# description: What is not there; where each is and the people are too few, approvals that lack somebody.
# scope: document
missing([]) := []

missing(wanted) := found if {
	count(wanted) > 0
	found := [each | some each in wanted; not evidence.is_there(each)]
	count(found) > 0
} else := found if {
	count(wanted) > 0
	approvals := _approvals(wanted)
	people := [evidence.people(each) | some each in approvals]
	short := [lacking |
		some places in _subsets
		_last(places) < count(approvals)
		together := union({own | some place in places; own := people[place]})
		count(together) < sum([approvals[place].count | some place in places])
		lacking := [approvals[place] | some place in places]
	]
	found := short[0]
} else := [] if {
	count(wanted) > 0
}

_approvals(wanted) := [each | some each in wanted; each.type == "approval"]

_last(places) := places[count(places) - 1]

# The sets of up to four things, the smallest first.
_subsets := [
	[0], [1], [2], [3],
	[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3],
	[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3],
	[0, 1, 2, 3],
]

# METADATA
# description: |
#   The least evidence that is enough, the oldest first, then by its `id`. Each requirement in turn
#   takes the oldest, but for people without whom later ones would lack somebody.
# scope: document
rests_on([]) := []

rests_on(wanted) := [line[6] | some line in sort(array.concat(single, approved))] if {
	count(wanted) > 0
	single := [line |
		some each in wanted
		each.type != "approval"
		lines := _by_age(each)
		line := _line(each, lines[0][4])
	]
	approvals := _approvals(wanted)
	first := _taken(approvals, 0, set())
	second := _taken(approvals, 1, first)
	third := _taken(approvals, 2, first | second)
	fourth := _taken(approvals, 3, ((first | second) | third))
	approved := array.concat(
		array.concat(_lines(approvals, 0, first), _lines(approvals, 1, second)),
		array.concat(_lines(approvals, 2, third), _lines(approvals, 3, fourth)),
	)
}

# What the answer says of those that an approval takes: the oldest of each.
_lines(approvals, place, _) := [] if place >= count(approvals)

_lines(approvals, place, people) := [line |
	some person in people
	own := [each | some each in _by_age(approvals[place]); each[4].by == person]
	line := _line(approvals[place], own[0][4])
] if {
	place < count(approvals)
}

# Whom an approval takes, of those who are left: whoever adds to how many it could take at most.
_taken(approvals, place, _) := set() if place >= count(approvals)

_taken(approvals, place, but) := {person |
	some at in numbers.range(0, count(line) - 1)
	person := line[at]
	not person in but
	before := {earlier | some each in numbers.range(0, at); each < at; earlier := line[each]}
	_most(approvals, place, before | {person}, but) > _most(approvals, place, before, but)
} if {
	place < count(approvals)
	line := [each[4].by | some each in _by_age(approvals[place])]
}

# How many of some people an approval can take at most, where those after it get theirs.
_most(approvals, place, people, but) := _least(rooms) if {
	rest := [each | some each in numbers.range(place + 1, 4); each < count(approvals); each > place]
	sets := array.concat([[]], [each | some each in _subsets; count(each) <= count(rest); every at in each { at in rest }])
	rooms := {approvals[place].count} | {room |
		some later in sets
		others := union({evidence.people(approvals[each]) | some each in later})
		room := count((people | others) - but) - sum([approvals[each].count | some each in later])
	}
}

# `min`, which rego-cpp takes of numbers as of text.
_least(numbers_) := least if {
	some least in numbers_
	every number in numbers_ { least <= number }
}

# The evidence for a requirement as sorted lines.
_by_age(requirement) := sort([line |
	found := evidence.shown(requirement)
	some each in found
	line := [values.instant(each.at), _id(each), object.get(each, "by", ""), each.at, each]
])

_id(each) := each.id if is_string(each.id)

_id(each) := "" if values.lacks(each, "id")

# What the answer says of a piece of evidence, behind what it is sorted by.
_line(requirement, each) := [moment, id, by, requirement.rule, requirement.type, each.at, entry] if {
	moment := values.instant(each.at)
	id := _id(each)
	by := _by(requirement, each)
	said := {"rule": requirement.rule, "kind": requirement.type, "by": by, "at": each.at}
	entry := object.union(said, {"id": each.id | id != ""})
}

_by(requirement, each) := each.method if requirement.type == "step_up"

_by(requirement, each) := each.by if requirement.type != "step_up"
