"""The decision procedure: whether some request is as a question asks.

Requests as sets (`domains/`, `cubes/`); who, why and what (`calls/`); one request (`solving/`, `search/`); what
is seen without a search (`proofs/`); what is asked of rules (`rules/`, `asked_of_rules/`).

Begin with `world.py`, `cubes/conditions.py`, `search/call_search.py`, `solving/solve.py`.
"""
