"""`agpc report`: what an auditor asks of a policy, gathered once, and one file for each form of it.

It is one tree (`facts.py`), which `gather.py` makes; the picture is `graph.py` and `svg.py`.

Begin with `facts.py`, `gather.py`.
"""
