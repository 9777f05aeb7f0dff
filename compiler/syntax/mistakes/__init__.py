"""What people write that is not AGP: what to say of it, and how to go on.

How to go on after a mistake (`recover.py`), and tables of phrases of people who come from elsewhere.

Begin with `recover.py`, `idioms.py`, `phrases.py`.
"""
