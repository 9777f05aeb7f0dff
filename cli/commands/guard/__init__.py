"""Policies in front of an agent's tools: `agpc guard` and what stands under it."""
