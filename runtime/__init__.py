"""What a program embeds beside a compiled policy. Imports nothing but the standard library."""
