; Neovim
[
  (rule)
  (terms_of_grants)
  (resource)
  (extend)
  (test)
  (bind)
  (bind_names)
  (fields)
  (record)
  (list)
  (action)
] @indent.begin

[
  "}"
  "]"
  ")"
] @indent.end @indent.branch

(allow) @indent.begin
(ERROR) @indent.auto
(comment) @indent.ignore
