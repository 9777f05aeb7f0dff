"""Brokers: plug-ins that turn a lease which holds into a credential of a platform, for no longer than the lease.

What one is (`broker.py`), AWS (`aws.py`, signed by `sigv4.py`), GitHub (`github.py`), Vault (`vault.py`).

Begin with `broker.py`, `aws.py`.
"""
