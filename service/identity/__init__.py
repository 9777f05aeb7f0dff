"""Who calls, and who is at a browser, where that is proved: SVIDs of workloads, identity tokens of people.

Bundles of trust domains (`bundles.py`), the tokens and keys of others (`signed.py`).

Begin with `jwt_svid.py`, `workloads.py`.
"""
