"""Sets of the values that one attribute may have.

Begin with `values.py`.
"""
