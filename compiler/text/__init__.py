"""How names, strings and characters are written, for what reads policies and what writes them.

Among it *did you mean* (`suggestions.py`).

Begin with `strings.py`.
"""
