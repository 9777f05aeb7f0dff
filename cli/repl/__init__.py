"""The interactive prompt of `agpc repl`: questions to a policy set that is held, and changed, in memory.

What a session holds (`session.py`), the table of questions (`question_table.py`), requests that are typed, rules
that are changed, completion.

Begin with `prompt.py`, `question_table.py`.
"""
