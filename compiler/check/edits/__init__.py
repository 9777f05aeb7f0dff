"""Changes of texts that keep what a policy means: fixes and other names.

Begin with `rename.py`.
"""
