"""What there is to say about a thing of a policy: blocks of words and listings, which `markup` renders.

Begin with `things.py`.
"""
