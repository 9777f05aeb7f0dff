"""Policies enforced at the place where calls are made, whatever protocol they come in."""
