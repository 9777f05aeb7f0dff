"""Two policies in one vocabulary and one world: cut into parts, each of which is read as its own policy does.

Begin with `sides.py`, `joint_world.py`.
"""
