"""What `bind aws` says: roles, where capabilities are, keys and tags."""
