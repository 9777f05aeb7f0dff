"""The service as a process: it reads its settings, opens its store, loads policies, serves, and ends in order."""
