"""Policies in front of an agent's tools: `agpc guard` and what stands under it.

What decides for it is in `enforcing.py`.

Begin with `guard.py`, `enforcing.py`.
"""
