"""Literals to constants, each in the one form that a request may have, too.

Begin with `literals.py`.
"""
