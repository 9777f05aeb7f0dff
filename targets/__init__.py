"""Emitters: one folder for each platform that enforces a policy.

What a target is (`emission.py`) and what it can say (`abilities.py`); what those share that can say a part of a
policy (`partial.py`) and those that write a program (`code/`); the manifest, and writing files.

Begin with `emission.py`, `abilities.py`, `code/dialect.py`.
"""
