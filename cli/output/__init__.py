"""What subcommands print and write, where it is not a report.

A comparison (`diff/`) and coverage (`coverage/`) have a file for each format; pages are `html.py`.

Begin with `matrix.py`, `html.py`.
"""
