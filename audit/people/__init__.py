"""What people said, and that it was they: their verdicts, their passkeys, their sessions."""
