"""What a policy means, and why a request is decided as it is."""
