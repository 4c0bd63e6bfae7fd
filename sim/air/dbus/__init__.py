"""A message bus of our own on a unix socket: login, framing, match rules and names."""
