"""What was asked before, asked again: recorded requests under another policy."""
