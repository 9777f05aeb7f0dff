"""What a trail holds, as files or in a store: its tree of hashes, its events, their requests; and what is wrong with it.

Files of an export and stores alike (`trail.py`, `directory.py`); what is wrong is in `findings.py`.

Begin with `trail.py`, `events.py`.
"""
