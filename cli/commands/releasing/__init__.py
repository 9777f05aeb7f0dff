"""What stands between policies and their use: what a change opens, what enforces them, what is told.

Begin with `ci.py`, `compile.py`.
"""
