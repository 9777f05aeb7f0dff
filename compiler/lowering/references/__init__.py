"""What rules refer to: agents, intents, capabilities, and what may be read of them.

Begin with `references.py`.
"""
