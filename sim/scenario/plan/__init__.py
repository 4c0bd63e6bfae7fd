"""What a scenario means for each badge: site, equipment, days, incidents, at any moment."""
