"""The policy IR: its nodes, walks over them, and its two forms as text."""
