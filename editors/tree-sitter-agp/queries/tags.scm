(agent name: (_) @name) @definition.class
(agents name: (_) @name) @definition.class
(intent name: (_) @name) @definition.class
(resource name: (_) @name) @definition.class
(level name: (_) @name) @definition.type
(enum name: (_) @name) @definition.type
(rule name: (_) @name) @definition.function
(terms_of_grants name: (_) @name) @definition.function
(action name: (_) @name) @definition.method
(group name: (_) @name) @definition.constant
(set name: (_) @name) @definition.constant
(let name: (_) @name) @definition.constant
(meter name: (_) @name) @definition.constant
(source name: (_) @name) @definition.constant
(names (name) @name) @reference.class
(capabilities (path) @name) @reference.call
