"""Everything that touches a real wire."""
