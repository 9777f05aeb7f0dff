"""What was found out about a policy, in words, as Markdown and as data: for the command line and for editors.

Who can, the matrix, a comparison, an explanation, outcomes of tests.

Begin with `access.py`, `matrix.py`.
"""
