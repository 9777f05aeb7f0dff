"""The face of AuthZEN 1.0: what others ask, as requests of the policy, and the answers as they expect them. No HTTP.

What it requires (`reading.py`), requests as the policy has them (`mapped.py`), searches (`searching.py`),
answers as bytes (`answers.py`).

Begin with `point.py`, `mapped.py`, `searching.py`.
"""
