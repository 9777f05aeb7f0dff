"""The one layout that every policy has."""
