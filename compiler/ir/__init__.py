"""The policy IR: its nodes, walks over them, and its two forms as text.

Beside the nodes: walks over them, what a condition asks of its leaves (`definite.py`), and the roots that
conditions read (`roots.py`).

Begin with `nodes/policy.py`, `nodes/conditions.py`, `definite.py`, `roots.py`.
"""
