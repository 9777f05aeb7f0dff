"""A file for each subcommand.

Each is thin; they stand in rooms by what one is at.
"""
