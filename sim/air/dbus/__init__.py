"""A message bus of our own: login, framing, match rules and names, for programs on a unix socket."""
