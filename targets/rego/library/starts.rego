# METADATA
# title: First starts
# description: |
#   A call that starts a task where there is none yet is asked for by a starter, who is no agent. The rules that open
#   it are those that no one writes: they name the agents that grants for the intent name.
package agpc.starts

import data.agpc.agents
import data.agpc.values

# METADATA
# description: Whether there is no task, and a starter asks who is no agent.
is_asked_for if {
	not _has_task
	values.text(input.context.starter)
	input.context.starter != ""
	input.context.starter != input.subject.id
	not _is_agent
}

_has_task if input.context.task != null

_is_agent if agents.is_declared with input.subject.id as input.context.starter # regal ignore:with-outside-test-context
