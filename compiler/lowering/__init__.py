"""Syntax tree to IR: every name looked up, every value typed."""
