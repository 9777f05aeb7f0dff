"""What is seen without a search: a yes is a proof, a no only means that it takes one to know.

Begin with `existence.py`.
"""
