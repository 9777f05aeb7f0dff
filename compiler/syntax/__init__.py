"""Text to syntax tree, with a place for everything and a message for each mistake.

The machine, the nodes that it makes (`building/`) and the tree of them (`tree/`).

Begin with `parse.py`, `machine.py`.
"""
