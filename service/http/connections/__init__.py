"""What is below a request: the server, and its connections within their limits."""
