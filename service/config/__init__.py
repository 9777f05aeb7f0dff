"""What a service is told: `service.toml`, its models, and how what is wrong in it is said."""
