"""Questions to policies: what they decide and why, and who can do what.

Begin with `decide.py`, `who_can.py`.
"""
