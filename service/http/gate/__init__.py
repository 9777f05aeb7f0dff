"""What every request passes before its route works on it.

Who calls (`callers.py`), how often (`rates.py`), for how long (`deadlines.py`), and the body before its route
works on it (`endpoint.py`).

Begin with `endpoint.py`, `gate.py`.
"""
