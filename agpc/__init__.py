"""agpc, the compiler for AGP: agent-governance policy, from source text to what enforces it."""
