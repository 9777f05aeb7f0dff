"""Names: what is declared, what a name that is written means, and what is noted of it.

Begin with `names.py`.
"""
