"""Other webhook platforms on the same site: what they send, and what a receiver of it needs."""
