"""Firmware of others: the core in C as a folder and as test vectors, and cores out of libraries."""
