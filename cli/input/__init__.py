"""What subcommands read: policies, requests, and the names that their arguments mean."""
