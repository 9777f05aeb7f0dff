"""Expressions to conditions: each operator with its types.

Begin with `conditions.py`.
"""
