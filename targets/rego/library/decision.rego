# METADATA
# title: Decisions on what agents do
# description: |
#   The input is an OpenID AuthZEN 1.0 evaluation request, `decision` the answer to it. Only
#   `decision.decision`, which `allow` repeats, lets the call happen.
package agp

import data.agpc.chain
import data.agpc.matching
import data.agpc.one

# METADATA
# description: Whether the call may happen.
# scope: document
default allow := false

allow if {
	chain.is_alone
	one.allow
}

allow if {
	some answer in chain.answers
	answer.effect == "permit"
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
		"evidence": [],
		"owner": null,
	},
}

decision := one.decision if {
	chain.is_alone
} else := {"decision": answer.effect == "permit", "context": answer} if {
	some answer in chain.answers
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
