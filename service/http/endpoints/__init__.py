"""What is behind the gate: routes, a file for each subject."""
