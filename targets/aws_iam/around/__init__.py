"""What stands around an agent's policies: who may have its role, what holds whatever is attached, how it ends."""
