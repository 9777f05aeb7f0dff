"""The face of AuthZEN 1.0: what others ask, as requests of the policy, and the answers as they expect them. No HTTP."""
