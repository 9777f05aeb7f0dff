"""The offline verifier of a trail: it shares the runtime with the service, and no code with it.

`verify.py` is a passage over it.

Begin with `verify.py`.
"""
