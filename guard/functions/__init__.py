"""Plain Python functions as governed tools.

A task with its guard (`session.py`), and a decorator (`governed.py`).

Begin with `governed.py`.
"""
