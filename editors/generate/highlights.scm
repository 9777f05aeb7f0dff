; Made by `python editors/generate`: change editors/generate/highlights.scm. Of two patterns the later one holds.

(comment) @comment
((comment) @comment.documentation
  (#match? @comment.documentation "^##"))

[
  (name)
  (path)
] @variable

[
  (quoted_path)
  (quoted_name)
] @variable.member
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
(null) @constant.builtin
(control_id) @constant
(platform_name) @constant

;;WORDS

;;OPERATORS

(kind) @keyword.modifier

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
(bind name: (_) @module)
(test name: (_) @string.special)
(field name: (_) @variable.member)
(pair . (_) @variable.member)
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
