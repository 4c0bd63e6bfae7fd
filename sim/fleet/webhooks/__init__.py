"""What the platforms on a site post of a run: causes in, deliveries out, and their truth."""
