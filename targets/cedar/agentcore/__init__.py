"""Policies for a gateway of Amazon Bedrock AgentCore, whose requests have a shape of their own.

Begin with `emission.py`.
"""
