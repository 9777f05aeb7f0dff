"""Whom, why and what: the agents, intents and capabilities that can be told apart.

Begin with `universe.py`.
"""
