"""How clients come: on standard streams, or over HTTP with who they are, before the SDK reads a word of theirs.

Begin with `door.py`, `standard_streams.py`.
"""
