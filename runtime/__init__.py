"""What a program embeds beside a compiled policy. Imports nothing but the standard library.

The evaluator, how values are read, and requests that are read strictly.

Begin with `evaluator.py`, `values.py`.
"""
