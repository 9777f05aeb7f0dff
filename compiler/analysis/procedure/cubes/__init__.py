"""Conditions and rules as sets of requests: for each attribute the values that it may have.

Begin with `cube.py`, `conditions.py`.
"""
