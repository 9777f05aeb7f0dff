"""From source text to the policy IR: parse, resolve, type-check, lower, interpret."""
