# METADATA
# title: Kubernetes admission
# description: |
#   Carries no approvals and no step-up, so that what needs them is never permitted here.
#   Answers an AdmissionReview about Deployments from the agpc bundle. The service account is the agent, as
#   SPIRE names it; the task stands in `extra`, where only the cluster's authenticator can put it.
package kubernetes.admission

main := {
	"apiVersion": "admission.k8s.io/v1",
	"kind": "AdmissionReview",
	"response": {"uid": object.get(input, ["request", "uid"], ""), "allowed": _allowed, "status": {"message": _message}},
}

default _allowed := false

_allowed if {
	_answer.decision == true
	every obligation in _answer.context.obligations { obligation.type == "audit" }
}

default _message := "the request names no agent, task or Deployment that the policy knows"

_message := concat("; ", array.concat([_answer.context.effect], _answer.context.reasons))

_answer := answer if {
	answer := data.agp.decision with input as _request
}

_review := input.request

_request := {
	"subject": {"type": "agent", "id": _agent, "properties": {}},
	"action": {"name": lower(_review.operation), "properties": _arguments},
	"resource": {
		"type": "cluster.deployments",
		"id": sprintf("%s/%s", [_review.namespace, _review.name]),
		"properties": {"namespace": _review.namespace},
	},
	"context": {
		"time": time.format(time.now_ns()),
		"task": {"id": _extra("task"), "intent": _extra("intent"), "state": _extra("state")},
	},
} if {
	_review.resource == {"group": "apps", "version": "v1", "resource": "deployments"}
	not _review.subResource
}

# `system:serviceaccount:NAMESPACE:NAME`, and nobody else.
_agent := sprintf("spiffe://acme.example/ns/%s/sa/%s", [parts[2], parts[3]]) if {
	parts := split(_review.userInfo.username, ":")
	count(parts) == 4
	array.slice(parts, 0, 2) == ["system", "serviceaccount"]
}

_extra(name) := value if [value] := _review.userInfo.extra[concat("/", ["agp.acme.example", name])]

default _arguments := {}

_arguments := {"replicas": _review.object.spec.replicas}
