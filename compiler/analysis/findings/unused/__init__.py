"""Findings AGP44xx and AGP45xx: what is declared and serves nothing."""
