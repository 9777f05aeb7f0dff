"""The trail as a log that proves itself: events as leaves of a Merkle tree, tiles, signed checkpoints, exports.

Nothing here knows a store.

Begin with `tree.py`, `events.py`, `export.py`.
"""
