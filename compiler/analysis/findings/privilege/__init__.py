"""Findings AGP32xx: more access than is needed, or than should come together."""
