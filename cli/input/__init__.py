"""What subcommands read: policies, requests, and the names that their arguments mean.

Policies are checked or compared; settings, requests, names, targets.

Begin with `policies.py`, `checked.py`, `sides.py`.
"""
