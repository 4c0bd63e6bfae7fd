"""How the world's numbers were fitted to what others measured, and pictures of what they do."""
