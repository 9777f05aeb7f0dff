"""What is asked of rules: whether others cover them, whether two share a call, what conditions can be.

Begin with `truths.py`, `coverage.py`.
"""
