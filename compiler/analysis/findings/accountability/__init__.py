"""Findings AGP42xx and AGP43xx: rules of which it is not said who answers for them, or why."""
