"""The tests that policies hold: run, and judged by what they show of the rules.

How they are run (`run.py`) and what they expect (`expected.py`), what they show of the rules (`coverage.py`),
which weaker rules they notice (`mutation.py`), and requests as tests (`suggest.py`).

Begin with `run.py`, `expected.py`, `coverage.py`, `mutation.py`, `suggest.py`.
"""
