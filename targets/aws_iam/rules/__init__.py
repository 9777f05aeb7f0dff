"""Rules to IAM statements, one agent at a time."""
