"""The one layout that every policy has.

Begin with `formatter.py`.
"""
