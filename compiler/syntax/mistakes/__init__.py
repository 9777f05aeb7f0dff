"""What people write that is not AGP: what to say of it, and how to go on."""
