"""The card whole: its parts wired together, and the session with its Notehub."""
