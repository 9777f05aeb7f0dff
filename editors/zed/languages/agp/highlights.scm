; Made by `python editors/generate`: change editors/generate/highlights.scm. Of two patterns the later one holds.

(comment) @comment
((comment) @comment.doc
  (#match? @comment.doc "^##"))

[
  (name)
  (path)
] @variable

[
  (quoted_path)
  (quoted_name)
] @property
(wildcard) @variable
(string) @string

[
  (number)
  (duration)
  (date)
  (time)
  (clock)
] @number

(bool) @boolean
(null) @constant
(control_id) @constant
(platform_name) @constant

[
  "action"
  "after"
  "age"
  "agent"
  "agents"
  "ago"
  "allow"
  "api"
  "approval"
  "approved"
  "as"
  "asked"
  "asking"
  "assert"
  "at"
  "attribute"
  "audit"
  "because"
  "bind"
  "by"
  "call"
  "can"
  "challenge"
  "confirmation"
  "confirmed"
  "contact"
  "context"
  "controls"
  "count"
  "credential"
  "dataset"
  "delegate"
  "denied"
  "deny"
  "did"
  "distinct"
  "done"
  "during"
  "each"
  "enum"
  "except"
  "expect"
  "extend"
  "failed"
  "for"
  "forbid"
  "from"
  "gave"
  "grant"
  "group"
  "intent"
  "isolate"
  "language"
  "last"
  "let"
  "level"
  "links"
  "max"
  "meter"
  "no"
  "obligation"
  "oblige"
  "of"
  "on"
  "owner"
  "package"
  "per"
  "permit"
  "quoted"
  "renew"
  "require"
  "resource"
  "revoke"
  "rule"
  "said"
  "separate"
  "session"
  "set"
  "size"
  "source"
  "step_up"
  "sum"
  "tag"
  "task"
  "terms"
  "test"
  "to"
  "tool"
  "tried"
  "ttl"
  "unless"
  "until"
  "use"
  "user"
  "valid"
  "when"
  "with"
  "without"
] @keyword

[
  "all"
  "and"
  "any"
  "contains"
  "every"
  "has"
  "in"
  "like"
  "not"
  "only"
  "or"
  "some"
  "subset"
  "under"
  "within"
] @operator

(kind) @keyword

(agent name: (_) @type)
(agents name: (_) @type)
(intent name: (_) @type)
(resource name: (_) @type)
(level name: (_) @type)
(enum name: (_) @type)
(extend name: (_) @type)
(group name: (_) @constant)
(set name: (_) @constant)
(let name: (_) @constant)
(meter name: (_) @constant)
(source name: (_) @constant)
(rule name: (_) @function)
(terms_of_grants name: (_) @function)
(action name: (_) @function)
(bind name: (_) @title)
(test name: (_) @string.special)
(field name: (_) @property)
(pair . (_) @property)
(any_name) @keyword

[
  "=="
  "!="
  "<"
  "<="
  ">"
  ">="
  "="
  "->"
] @operator

[
  ","
  ":"
] @punctuation.delimiter

[
  "{"
  "}"
  "["
  "]"
  "("
  ")"
] @punctuation.bracket
