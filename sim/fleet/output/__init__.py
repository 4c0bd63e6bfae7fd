"""A run's folder: parts while it goes on, then events, batches and truth, all or nothing."""
