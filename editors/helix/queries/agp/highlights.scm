; Made by `python editors/generate`: change editors/generate/highlights.scm. Of two patterns the later one holds.

(comment) @comment.line
((comment) @comment.block.documentation
  (#match? @comment.block.documentation "^##"))

[
  (name)
  (path)
] @variable

[
  (quoted_path)
  (quoted_name)
] @variable.other.member
(wildcard) @variable
(string) @string

[
  (number)
  (duration)
  (date)
  (time)
  (clock)
] @constant.numeric

(bool) @constant.builtin.boolean
(null) @constant.builtin
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
] @keyword.operator

(kind) @keyword.storage.modifier

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
(action name: (_) @function.method)
(bind name: (_) @namespace)
(test name: (_) @string.special.symbol)
(field name: (_) @variable.other.member)
(pair . (_) @variable.other.member)
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
