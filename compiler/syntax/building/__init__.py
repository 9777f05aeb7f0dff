"""The nodes of each rule of the grammar, by what they are about."""
