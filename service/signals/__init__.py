"""What others are told when a lease ends: security event tokens (RFC 8417), which they fetch or are sent.

What they say (`sets.py`), and how they are sent (`pushing.py`).

Begin with `sets.py`, `pushing.py`.
"""
