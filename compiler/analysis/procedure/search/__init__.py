"""The search for a request that does nothing of what it must avoid.

Begin with `call_search.py`.
"""
