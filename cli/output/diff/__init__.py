"""What `agpc diff` prints: one file for each format."""
