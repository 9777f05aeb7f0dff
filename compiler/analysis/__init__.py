"""What is found and proved about a policy: one file for each finding, over one decision procedure."""
