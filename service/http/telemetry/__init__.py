"""What is told and counted while the service runs."""
