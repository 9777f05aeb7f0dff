"""What decides: a policy with its request mapping and its directory, loaded whole or not at all."""
