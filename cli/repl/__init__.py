"""The interactive prompt of `agpc repl`: questions to a policy set that is held, and changed, in memory.

What a session holds (`session.py`), the table of questions (`questions.py`), requests that are typed, rules
that are changed, completion.

Begin with `prompt.py`, `questions.py`.
"""
