"""The virtual Notecard, played on a wire, and the virtual Notehub behind it."""
