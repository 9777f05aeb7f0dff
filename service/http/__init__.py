"""The service over HTTP: the application, and the server that it runs in."""
