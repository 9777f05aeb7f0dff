"""What is known of a trail up to an event: what is looked up, and the policies of the time.

Begin with `index.py`, `policies.py`.
"""
