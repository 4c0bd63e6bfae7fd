"""Load for a backend: an open loop of batches, and how long each took from when it was due."""
