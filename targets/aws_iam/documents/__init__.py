"""Statements to files: JSON text, names of statements, sizes, and what does not fit."""
