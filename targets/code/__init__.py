"""The kit for targets that write a program: one of conditions, constants, layout, names and rule tests.

A language adds a table of how it writes tests (`Dialect`) and one of how it lays expressions out (`Syntax`),
its literals, and how it makes constants.

Begin with `dialect.py`, `conditions.py`.
"""
