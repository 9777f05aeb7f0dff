"""What is behind the gate: routes, a file for each subject.

Each has its rows of the table of routes; what they need of the core is in `face.py`.

Begin with `doing.py`, `reading.py`, `face.py`.
"""
