"""Syntax tree to IR: every name looked up, every value typed.

In this order: what is declared and what names turned out to mean (`names/`), constants (`literals/`),
declarations and types (`vocabulary/`), what a rule names and what may be read there (`references/`), operators
(`conditions/`), rules, constraints and bindings (`rules/`), tests (`scenarios/`), and, once an editor asks,
where each thing is written (`uses/`).

Begin with `names/names.py`, `conditions/conditions.py`, `rules/rules.py`.
"""
