"""The radio side, without a bus: adverts, adapters, their devices, and what they hear."""
