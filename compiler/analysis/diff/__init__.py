"""What a change of a policy set opens and closes: the two policies in one world, asked in both directions.

Begin with `changes.py`, `cell.py`, `openings.py`.
"""
