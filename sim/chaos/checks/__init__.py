"""What must be true of a badge at every step, and of the store at the end."""
