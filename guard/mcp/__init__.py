"""The Model Context Protocol: a guard that a client sees as a server, and a server as a client."""
