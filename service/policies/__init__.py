"""What decides: a policy with its request mapping and its directory, loaded whole or not at all.

All of that is a generation, under one digest; what a policy says of the record is in `recording.py`.

Begin with `generation.py`, `mapping.py`, `directory.py`.
"""
