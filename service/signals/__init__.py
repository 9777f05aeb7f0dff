"""What others are told when a lease ends: security event tokens (RFC 8417), which they fetch or are sent."""
