"""The interactive prompt of `agpc repl`: questions to a policy set that is held, and changed, in memory."""
