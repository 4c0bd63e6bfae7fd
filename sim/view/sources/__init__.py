"""Where pictures come from: a run's folder, recordings, files of events, reports, a store."""
