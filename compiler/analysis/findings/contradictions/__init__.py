"""Findings AGP21xx: rules and conditions that say nothing, or not what they seem to."""
