"""Emitters: one folder for each platform that enforces a policy."""
