"""The exit gates of contract section 5: one law, three stages (virtual, real, a device)."""
