# METADATA
# description: |
#   Whether a request carries the evidence that a rule asks for. Evidence that is malformed is
#   evidence that is not there.
package agpc.evidence

import data.agpc.json_data
import data.agpc.matching
import data.agpc.values

# METADATA
# description: Whether all of these requirements are met.
# scope: document
are_there([])

are_there(requirements) if {
	every requirement in requirements { is_there(requirement) }
}

# METADATA
# description: Whether a requirement is met.
# scope: document
is_there(requirement) if {
	requirement.type == "approval"
	_user_is_known
	count({approval.by | some approval in _approvals; _counts(approval, requirement)}) >= requirement.count
}

is_there(requirement) if {
	requirement.type == "step_up"
	is_array(input.context.step_up)
	some step in input.context.step_up
	is_object(step)
	values.text(step.method) == requirement.method
	_has_come(step.at, requirement.within_seconds)
}

# Nobody approves for himself, so it has to be clear on whose behalf the agent acts.
_user_is_known if {
	not matching.has_user
	values.lacks(input.context, "user")
}

_user_is_known if _is_identity(input.context.user.id)

# An empty string is what many programs write for a name that they do not have.
_is_identity(value) if {
	values.text(value)
	value != ""
}

# The approvals that are whole, come from somebody else, and are for this task and capability.
_approvals contains approval if {
	is_array(input.context.approvals)
	_is_identity(input.context.task.id)
	some approval in input.context.approvals
	is_object(approval)
	_is_identity(approval.by)
	approval.by != input.subject.id
	not approval.by == input.context.user.id
	_has_roles(approval)
	approval.task == input.context.task.id
	approval.capability == matching.capability
}

_has_roles(approval) if {
	is_array(approval.roles)
	every role in approval.roles { values.text(role) }
}

_counts(approval, requirement) if {
	_is_by(approval, requirement.by)
	_has_come(approval.at, requirement.within_seconds)
	_covers(approval, requirement)
}

_is_by(approval, approvers) if approval.by in approvers

_is_by(approval, approvers) if {
	some role in approval.roles
	role in approvers
}

_covers(_, requirement) if requirement.per_task

_covers(approval, requirement) if {
	not requirement.per_task
	approval.resource == input.resource.id
	is_object(approval.args)
	json_data.same(approval.args, input.action.properties)
}

_has_come(at, within_seconds) if {
	now := values.instant(input.context.time)
	time_of := values.instant(at)
	time_of <= now
	_is_recent(now - time_of, within_seconds)
}

_is_recent(_, null)

_is_recent(age, within_seconds) if age <= within_seconds * 1000000000
