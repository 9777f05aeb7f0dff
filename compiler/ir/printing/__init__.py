"""The IR as source text of the language."""
