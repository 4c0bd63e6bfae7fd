"""The card's parts and what each keeps: link, sync, notefiles, sensors, pins; pure."""
