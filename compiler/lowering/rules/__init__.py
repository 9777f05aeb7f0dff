"""Grants, forbids, constraints and bindings to IR, with their clauses.

Begin with `rules.py`.
"""
