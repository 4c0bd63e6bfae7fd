"""What the card measures and reports by itself: place, motion, voltage, pins."""
