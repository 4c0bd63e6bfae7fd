"""The requests of the family card.*, by what of the card they are about."""
