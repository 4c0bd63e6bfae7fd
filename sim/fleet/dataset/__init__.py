"""A run as a data set: partitions by site and day at any address, made part by part, anywhere."""
