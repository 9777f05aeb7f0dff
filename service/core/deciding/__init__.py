"""How a call is decided: as the store knows it, with its facts.

What is asked as the store knows it (`asked.py`), the decision (`deciding.py`), what may ever be permitted in a
task (`showing.py`).

Begin with `asked.py`, `deciding.py`.
"""
