"""The rules of a policy: what each is about, and which others are near.

Begin with `index.py`.
"""
