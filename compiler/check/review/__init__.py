"""All that is to be said of a policy: phases, findings, and the silences of them.

Begin with `review.py`.
"""
