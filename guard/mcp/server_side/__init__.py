"""The guard as the client of a server: a process of its own, or one over HTTP, whose answers are bounded.

Begin with `upstream.py`, `child.py`.
"""
