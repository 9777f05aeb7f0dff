"""What is checked of each kind of event, in a table."""
