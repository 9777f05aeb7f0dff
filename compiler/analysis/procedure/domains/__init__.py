"""Sets of the values that one attribute may have."""
