"""What the guard's servers over HTTP share."""
