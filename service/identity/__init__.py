"""Who calls, and who is at a browser, where that is proved: SVIDs of workloads, identity tokens of people."""
