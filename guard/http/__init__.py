"""What the guard's servers over HTTP share.

A body read whole, and a server that somebody else ends.

Begin with `serving.py`.
"""
