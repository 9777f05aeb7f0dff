"""Text to syntax tree, with a place for everything and a message for each mistake."""
