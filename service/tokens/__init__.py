"""Leases as signed tokens: the keys that sign them, what they say, and how one is read again."""
