"""The decision procedure: whether some request is as a question asks."""
