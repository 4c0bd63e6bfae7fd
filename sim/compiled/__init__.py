"""The models that are asked most, in C where it is built: number for number as in Python."""
