"""Declarations from what others have written down already."""
