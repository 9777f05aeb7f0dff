"""The service: it enforces policies over time, with tasks, calls that are recorded, and a trail that can be proved."""
