"""`test` blocks to the calls that they try, and what is expected of each.

Begin with `cases.py`.
"""
