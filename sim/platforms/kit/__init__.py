"""What each platform is made of: events, deliveries, causes, a simulation, a receiver."""
