"""What a store keeps beside its events: each row is what the events say that it is.

Begin with `rows.py`, `book.py`.
"""
