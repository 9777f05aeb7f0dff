"""What subcommands print and write, where it is not a report."""
