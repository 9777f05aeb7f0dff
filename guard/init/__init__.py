"""A first policy for a server that has none: from what it lists, and from none of its promises.

What it lists is read in `reading.py`; what is made of its promises stands in `first_policy.py`.

Begin with `first_policy.py`.
"""
