"""Expressions to conditions: each operator with its types."""
