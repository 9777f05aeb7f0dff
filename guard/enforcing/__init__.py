"""Policies enforced at the place where calls are made, whatever protocol they come in.

A core of its own or a service (`enforcement.py`), the call from reading to outcome (`governed.py`), what a
model is told (`denials.py`).

Begin with `governed.py`, `enforcement.py`.
"""
