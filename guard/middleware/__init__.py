"""Policies inside the frameworks that agents and their tools are written with; each framework is its user's to install."""
