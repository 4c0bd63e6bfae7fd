"""What the card keeps: notefiles, templates, the binary store, and all that flash holds."""
