"""What is found and proved about a policy: one file for each finding, over one decision procedure.

The list of findings (`run.py`), what a finding may ask (`inquiry.py`), who can do what (`access.py`).

Begin with `run.py`, `inquiry.py`, `access.py`.
"""
