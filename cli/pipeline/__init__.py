"""What runs in a pipeline: on which host, which phases, and what they tell it.

Begin with `phases.py`, `hosts.py`.
"""
