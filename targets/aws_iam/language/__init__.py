"""What IAM can say: patterns, tests of keys, statements, and fewer of them that say the same."""
