"""What can be asked of the core, by whom, and why it is refused.

Who asks is in `callers.py`, why it is refused in `problem.py`.

Begin with `operations.py`, `keyed.py`.
"""
