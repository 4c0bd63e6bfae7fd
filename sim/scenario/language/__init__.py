"""What a scenario may say: its types, its times, its reading with line and column."""
