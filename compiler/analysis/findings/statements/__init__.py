"""Findings AGP31xx and AGP33xx: what a policy states of itself and is not so."""
