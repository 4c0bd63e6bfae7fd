"""From what a backend holds back to what happened: a recording whose replay logs the same."""
