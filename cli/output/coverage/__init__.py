"""What `agpc test --coverage` prints and writes: one file for each format."""
