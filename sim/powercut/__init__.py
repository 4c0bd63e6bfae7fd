"""The badge's journal with its power cut at every byte of a recorded life, and what is left."""
