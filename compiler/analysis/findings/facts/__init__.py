"""Facts about calls: meters and sources that do not hold what they promise."""
