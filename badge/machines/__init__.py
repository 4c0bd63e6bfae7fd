"""The law: small machines side by side, each one table over (state, fact)."""
