"""What a card would measure: set by hand, along a track, or on a badge of a scenario."""
