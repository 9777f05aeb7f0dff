"""Declarations to the vocabulary of the IR: agents, intents, resources, and types.

Begin with `vocabulary.py`.
"""
