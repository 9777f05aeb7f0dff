"""Declarations from what others have written down already.

Begin with `tool_source.py`, `tool_update.py`.
"""
