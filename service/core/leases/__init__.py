"""Leases: what they may be, how they stand, and every way in which they end."""
