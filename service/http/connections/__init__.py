"""What is below a request: the server, and its connections within their limits.

The reader of HTTP/1.1 is `parsing.py`.

Begin with `server.py`, `connections.py`.
"""
