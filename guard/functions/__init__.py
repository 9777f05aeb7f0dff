"""Plain Python functions as governed tools."""
