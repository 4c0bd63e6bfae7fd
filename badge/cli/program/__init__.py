"""The commands about the program itself: version, settings, completion, manual."""
