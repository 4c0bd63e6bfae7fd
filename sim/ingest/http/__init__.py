"""The ingest over HTTP: routes, bounds, one writer behind them, and its own description."""
