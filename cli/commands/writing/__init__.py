"""What one does while policies are written: begin, lay out, check, test, look up.

Begin with `check.py`, `test.py`.
"""
