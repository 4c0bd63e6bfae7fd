"""The radio side: adverts, adapters and their devices, filters, and what a controller hears; no bus."""
