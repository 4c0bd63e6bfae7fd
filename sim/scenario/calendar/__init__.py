"""Weeks and months of a scenario: working days, holidays, weather, and who wears which badge."""
