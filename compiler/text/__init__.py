"""How names, strings and characters are written, for what reads policies and what writes them."""
