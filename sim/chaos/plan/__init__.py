"""What a seed draws: badges, minutes, and which faults strike how often."""
