(file) @local.scope

(agent name: (_) @local.definition)
(agents name: (_) @local.definition)
(intent name: (_) @local.definition)
(resource name: (_) @local.definition)
(level name: (_) @local.definition)
(enum name: (_) @local.definition)
(group name: (_) @local.definition)
(set name: (_) @local.definition)
(let name: (_) @local.definition)
(meter name: (_) @local.definition)
(source name: (_) @local.definition)
(rule name: (_) @local.definition)
(terms_of_grants name: (_) @local.definition)

(name) @local.reference
