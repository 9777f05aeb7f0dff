"""What is checked of each kind of event, in a table.

Tasks, leases, facts, signals, calls decided again.

Begin with `checks.py`, `leases.py`.
"""
