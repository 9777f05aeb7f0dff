"""What a trail holds, as files or in a store: its tree of hashes, its events, their requests; and what is wrong with it."""
