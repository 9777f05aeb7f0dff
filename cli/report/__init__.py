"""`agpc report`: what an auditor asks of a policy, gathered once, and one file for each form of it."""
