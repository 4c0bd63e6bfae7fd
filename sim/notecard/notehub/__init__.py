"""The Notehub behind the card: events, routes, proxies and what waits for a device; pure."""
