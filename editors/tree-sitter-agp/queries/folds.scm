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
] @fold
