"""The service and what is asked of it: its tasks, leases, people, questions and trail.

Begin with `serve.py`, `task.py`.
"""
