"""What the service answered, as people read it: tasks, leases, requests, people, its trail."""
