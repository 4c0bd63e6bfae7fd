"""The fleet by columns: the badge in C, and its world asked by the block; the same bytes."""
