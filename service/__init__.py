"""The service: it enforces policies over time, with tasks, calls that are recorded, and a trail that can be proved.

Begin with `core/core.py`, `http/app.py`, `serving/process.py`.
"""
