"""Leases as signed tokens: the keys that sign them, what they say, and how one is read again.

Keys follow from time (`keys.py`); proofs of possession (`dpop.py`); and how all signed tokens are read by the
letter (`compact.py`).

Begin with `tokens.py`, `keys.py`.
"""
