"""What people are asked, and what they say to it.

Of whom it is asked (`acting.py`), what a call waits for (`questions.py`), approvals and refusals
(`judging.py`), what a user confirms (`confirming.py`), who has to be told (`notices.py`).

Begin with `questions.py`, `judging.py`.
"""
