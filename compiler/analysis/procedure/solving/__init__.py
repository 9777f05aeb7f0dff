"""Values for the attributes of one cube, or a proof that there are none.

Begin with `solve.py`.
"""
