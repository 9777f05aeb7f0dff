"""What is told and counted while the service runs.

Lines of the log (`logs.py`), metrics (`metrics.py`), spans (`traces.py`).

Begin with `logs.py`, `metrics.py`.
"""
