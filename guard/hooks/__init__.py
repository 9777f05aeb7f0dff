"""Coding agents with hooks of their own: each use of a tool is decided before it is made, and recorded with its result."""
