"""The Model Context Protocol: a guard that a client sees as a server, and a server as a client.

Messages read strictly (`messages.py`); the client's side on standard streams (`standard_streams.py`) and HTTP
(`door.py`, `serving.py`); the server's (`child.py`, `remote_server.py`, `upstream.py`); tools pinned to what
the policy declares (`catalogue.py`); calls (`calls.py`); and how a client asks its person (`asking.py`).

Begin with `running.py`, `calls.py`.
"""
