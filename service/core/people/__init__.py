"""People: who they are, how they have shown it, and when they have left."""
