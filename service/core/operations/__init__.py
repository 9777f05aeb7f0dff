"""What can be asked of the core, by whom, and why it is refused."""
