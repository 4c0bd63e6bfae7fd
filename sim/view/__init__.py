"""`badge view`: what happened, as a picture in a browser: a run, recordings, events, live."""
