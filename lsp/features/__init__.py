"""What can be asked about a policy set: plain functions of a snapshot, which know the types of the protocol alone.

A file or a folder for each question: hover (with `about/`), `completion/`, names, fixes, refactorings, lenses.

Begin with `hover.py`, `commands.py`.
"""
