"""The service and what is asked of it: its tasks, leases, people, questions and trail."""
