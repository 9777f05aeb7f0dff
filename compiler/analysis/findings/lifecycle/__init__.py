"""Findings AGP41xx: access that does not end as it should."""
