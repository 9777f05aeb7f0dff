"""What people see of the service: pages that a server writes, in which all that comes from a request is text.

The server writes them in `render.py`, of `templates/`; who is signed in is in `sessions.py`, and text of which
every character can be seen in `text.py`.

Begin with `routes.py`, `reading.py`.
"""
