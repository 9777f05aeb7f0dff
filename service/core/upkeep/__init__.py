"""What is done for the record itself: policies change, checkpoints are signed, bodies go.

Another policy, a clock that is behind (`policies.py`), checkpoints and bodies whose time is over
(`keeping.py`), tiles of the log (`tiles.py`).

Begin with `keeping.py`, `policies.py`.
"""
