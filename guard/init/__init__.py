"""A first policy for a server that has none: from what it lists, and from none of its promises."""
