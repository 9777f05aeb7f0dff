"""The decision log: what evaluations answered, a line of JSON each. It is no part of the trail.

Lines (`lines.py`), and the file that they go to (`log.py`).

Begin with `log.py`, `lines.py`.
"""
