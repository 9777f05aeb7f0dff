"""People: who they are, how they have shown it, and when they have left.

How they are called (`names.py`), their roles and who says so (`people.py`), how they have shown who they are
(`sessions.py`, `passkeys.py`), that one has left (`attending.py`).

Begin with `people.py`, `sessions.py`.
"""
