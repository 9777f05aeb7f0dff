"""Brokers: plug-ins that turn a lease which holds into a credential of a platform, for no longer than the lease."""
