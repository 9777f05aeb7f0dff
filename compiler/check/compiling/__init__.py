"""From sources, or a policy as JSON, to a policy, and what is kept for the next time.

Begin with `compile.py`.
"""
