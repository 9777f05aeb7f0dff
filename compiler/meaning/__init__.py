"""What a policy means, and why a request is decided as it is.

The reference interpreter, never made faster: what rules come to (`interpreter.py`), conditions
(`conditions.py`) and evidence (`evidence.py`); how a request is read (`request.py`); why it is decided so
(`explain.py`); what may ever be permitted (`possible.py`).

Begin with `interpreter.py`, `conditions.py`, `request.py`, `explain.py`.
"""
