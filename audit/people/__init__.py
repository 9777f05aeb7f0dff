"""What people said, and that it was they: their verdicts, their passkeys, their sessions.

Of whom a call asks something is in `asked.py`.

Begin with `people.py`, `passkeys.py`.
"""
