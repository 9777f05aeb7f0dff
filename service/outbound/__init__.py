"""What the service sends to others by itself: keys that it fetches, codes that it exchanges, notices."""
