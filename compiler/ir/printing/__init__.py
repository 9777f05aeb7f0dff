"""The IR as source text of the language.

Begin with `policy.py`.
"""
