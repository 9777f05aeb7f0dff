"""What the service sends to others by itself: keys that it fetches, codes that it exchanges, notices.

Bounded, to addresses of the Internet, and no further.

Begin with `fetching.py`, `addresses.py`.
"""
