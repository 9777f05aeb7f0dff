"""What every request passes before its route works on it."""
