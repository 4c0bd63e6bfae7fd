"""`badge probe`: what is attached to this computer."""
