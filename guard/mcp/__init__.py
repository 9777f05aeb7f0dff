"""The Model Context Protocol: a guard that a client sees as a server, and a server as a client.

Messages read strictly (`messages.py`); clients (`client_side/`) and what is served to them (`serving.py`); the
server (`server_side/`); tools pinned to what the policy declares (`catalogue.py`); calls (`calls.py`); and how a
client asks its person (`asking.py`).

Begin with `running.py`, `calls.py`.
"""
