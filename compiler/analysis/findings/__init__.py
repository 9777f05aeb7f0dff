"""The findings, one file each.

The docstring of a module is its page. Its examples stand after the declarations that all pages share, the package
`finance` with an owner, the agent `bot` and the intent `pay`, which each page shows
(`tests/docs/diagnostic_pages.py`); an example that needs others begins with its own `package`.
"""
