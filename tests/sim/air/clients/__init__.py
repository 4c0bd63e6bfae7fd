"""Programs and libraries that others wrote, as their users call them; each prints what it found."""
