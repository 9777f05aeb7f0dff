"""Passkeys of people: what they sign, and how it is looked at.

Begin with `ceremony.py`.
"""
