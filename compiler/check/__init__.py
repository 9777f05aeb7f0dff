"""From files to all that is to be said of a policy, in the order in which it is said.

What a project has and is judged by, and what a change takes from that (`project/`); the order of the phases,
what is kept between two checks, policies loaded as JSON, which are compiled again (`compiling/`); what is said
and silenced (`review/`); fixes and other names (`edits/`).

Begin with `compiling/compile.py`, `compiling/load.py`, `compiling/recompile.py`, `review/review.py`.
"""
