"""What a project has: files, now and at a revision, settings, policy sets, a baseline.

Begin with `files.py`, `settings.py`.
"""
