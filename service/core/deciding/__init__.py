"""How a call is decided: as the store knows it, with its facts."""
