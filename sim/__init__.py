"""Everything that is not real: worlds, fleets, networks and the services behind them."""
