"""What requests and answers look like, and what a route is."""
