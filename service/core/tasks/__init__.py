"""Tasks, the calls in them, and what is only evaluated."""
