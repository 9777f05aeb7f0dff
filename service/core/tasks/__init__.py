"""Tasks, the calls in them, and what is only evaluated.

Tasks (`tasks.py`) and the calls in them (`calls.py`), requests for access (`access.py`), and evaluations that
record nothing (`evaluating.py`).

Begin with `tasks.py`, `calls.py`.
"""
