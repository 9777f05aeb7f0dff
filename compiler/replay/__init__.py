"""What was asked before, asked again: recorded requests under another policy.

What a line of a log holds (`records.py`), and whether an answer rests on what it lacks (`absence.py`).

Begin with `replay.py`, `absence.py`.
"""
