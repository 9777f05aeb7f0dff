"""What people see of the service: pages that a server writes, in which all that comes from a request is text."""
