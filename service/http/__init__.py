"""The service over HTTP: the application, and the server that it runs in.

A table of routes, each behind the gate.

Begin with `app.py`.
"""
