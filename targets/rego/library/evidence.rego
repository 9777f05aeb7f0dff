# METADATA
# description: |
#   Whether a request carries the evidence that a rule asks for. Evidence that is malformed is
#   evidence that is not there.
package agpc.evidence

import data.agpc.json_data
import data.agpc.matching
import data.agpc.values

# METADATA
# description: Whether a requirement is met, by itself.
# scope: document
is_there(requirement) if {
	requirement.type == "approval"
	count(people(requirement)) >= requirement.count
}

is_there(requirement) if {
	requirement.type != "approval"
	count(shown(requirement)) > 0
}

# METADATA
# description: Those whose approvals count.
people(requirement) := {each.by | some each in shown(requirement)}

# METADATA
# description: The evidence that counts for a requirement.
# scope: document
shown(requirement) := {approval | some approval in _approvals; _counts(approval, requirement)} if {
	requirement.type == "approval"
}

shown(requirement) := {approval |
	some approval in _yeses
	approval.by == _confirmer
	_has_come(approval.at, requirement.within_seconds)
	_is_of_this_call(approval)
} if {
	requirement.type == "confirmation"
}

shown(requirement) := {step |
	is_array(input.context.step_up)
	some step in input.context.step_up
	is_object(step)
	values.text(step.method) == requirement.method
	_has_come(step.at, requirement.within_seconds)
	_has_good_id(step)
} if {
	requirement.type == "step_up"
}

# METADATA
# description: Whether anybody could still show it.
# scope: document
can_be_given(requirement) if {
	requirement.type == "step_up"
	values.instant(input.context.time)
}

can_be_given(requirement) if {
	requirement.type == "confirmation"
	_can_be_confirmed
}

can_be_given(requirement) if {
	requirement.type == "approval"
	_can_be_approved
	_can_be_named(requirement)
}

_can_be_confirmed if {
	values.instant(input.context.time)
	_confirmer
	_is_identity(input.context.task.id)
	is_object(input.action.properties)
}

_can_be_approved if {
	values.instant(input.context.time)
	_user_is_known
	_is_identity(input.context.task.id)
}

_can_be_named(requirement) if requirement.per_task

_can_be_named(_) if is_object(input.action.properties)

# Nobody approves for himself, so it has to be clear on whose behalf the agent acts.
_user_is_known if {
	not matching.has_user
	values.lacks(input.context, "user")
}

_user_is_known if _is_identity(input.context.user.id)

# Who may confirm: the user, if that is a person at all and does not act himself.
_confirmer := user if {
	user := input.context.user.id
	_is_identity(user)
	not startswith(user, "spiffe://")
	not user in _actors
}

# The agents that nobody may approve as: the one that acts, and those that it acts for.
_actors contains input.subject.id

_actors contains each.agent if {
	is_array(input.context.delegation)
	some each in input.context.delegation
}

# An empty string is what many programs write for a name that they do not have.
_is_identity(value) if {
	values.text(value)
	value != ""
}

# What people said yes to in this task, of this capability, where it is whole.
_yeses contains approval if {
	is_array(input.context.approvals)
	_is_identity(input.context.task.id)
	some approval in input.context.approvals
	is_object(approval)
	_is_identity(approval.by)
	_has_roles(approval)
	_has_good_id(approval)
	approval.task == input.context.task.id
	approval.capability == matching.capability
}

# Those of them that come from somebody else.
_approvals contains approval if {
	_user_is_known
	some approval in _yeses
	not approval.by in _actors
	not approval.by == input.context.user.id
}

_has_good_id(evidence) if values.lacks(evidence, "id")

_has_good_id(evidence) if _is_identity(evidence.id)

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
	not startswith(approval.by, "spiffe://") # a workload approves only by its very identity
	some role in approval.roles
	not startswith(role, "spiffe://") # which is no role
	role in approvers
}

_covers(_, requirement) if requirement.per_task

_covers(approval, requirement) if {
	not requirement.per_task
	_is_of_this_call(approval)
}

_is_of_this_call(approval) if {
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
