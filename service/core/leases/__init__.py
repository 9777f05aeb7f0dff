"""Leases: what they may be, how they stand, and every way in which they end.

What one may be (`leasing.py`), issued and renewed (`leases.py`), how one stands (`standing.py`) and ends
(`ending.py`), and what other systems tell that ends them (`signals.py`).

Begin with `leases.py`, `leasing.py`.
"""
