"""Coding agents with hooks of their own: each use of a tool is decided before it is made, and recorded with its result.

Events read strictly (`events.py`), the table of their tools (`tools.py`), a session as a task and each use of a
tool as one governed call (`sessions.py`), the command that a client runs (`hook.py`) and the settings that make
it (`client_settings.py`).

Begin with `sessions.py`, `tools.py`.
"""
