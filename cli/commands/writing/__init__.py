"""What one does while policies are written: begin, lay out, check, test, look up."""
