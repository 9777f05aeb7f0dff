package kubernetes.admission_test

import data.kubernetes.admission

_now := time.parse_rfc3339_ns("2026-11-24T10:00:00Z")

_input := {
	"apiVersion": "admission.k8s.io/v1",
	"kind": "AdmissionReview",
	"request": {
		"uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
		"operation": "CREATE",
		"resource": {"group": "apps", "version": "v1", "resource": "deployments"},
		"namespace": "team-a",
		"name": "web",
		"userInfo": {
			"username": "system:serviceaccount:agents:deployer",
			"extra": {
				"agp.acme.example/task": ["t-1"],
				"agp.acme.example/intent": ["cluster.roll_out"],
				"agp.acme.example/state": ["active"],
			},
		},
		"object": {"metadata": {"name": "web"}, "spec": {"replicas": 3}},
	},
}

_patched(path, value) := json.patch(_input, [{"op": "replace", "path": path, "value": value}])

test_what_the_policy_permits_is_admitted if {
	found := admission.main with input as _input with time.now_ns as _now
	found.response.allowed == true
	found.response.uid == "705ab4f5-6393-11e8-b7cc-42010a800002"
}

test_what_it_denies_is_not if {
	every change in [
		["/request/operation", "DELETE"],
		["/request/operation", "CONNECT"],
		["/request/namespace", "kube-system"],
		["/request/object/spec/replicas", 11],
		["/request/object/spec/replicas", "3"],
		["/request/resource/resource", "secrets"],
		["/request/userInfo/username", "system:serviceaccount:agents:other"],
		["/request/userInfo/username", "system:serviceaccount:agents:deployer:x"],
		["/request/userInfo/username", "agents:deployer"],
		["/request/userInfo/extra/agp.acme.example~1intent", ["cluster.roll_out", "cluster.other"]],
		["/request/userInfo/extra/agp.acme.example~1state", ["ended"]],
	] {
		patched := _patched(change[0], change[1])
		found := admission.main with input as patched with time.now_ns as _now
		found.response.allowed == false
	}
}

test_nothing_may_be_missing if {
	every path in [
		"request",
		"request/operation",
		"request/resource",
		"request/namespace",
		"request/userInfo",
		"request/userInfo/extra",
		"request/userInfo/username",
		"request/object/spec/replicas",
	] {
		removed := json.remove(_input, [path])
		found := admission.main with input as removed with time.now_ns as _now
		found.response.allowed == false
	}
}
