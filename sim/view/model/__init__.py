"""From what files say to columns: events, lanes, levels of detail, causes; pure, no I/O."""
