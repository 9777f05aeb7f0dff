"""The service as a program sees it over HTTP, with nothing but the standard library.

Begin with `client.py`.
"""
