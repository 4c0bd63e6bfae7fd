"""Small changes of the core, one at a time, and whether the fast tests notice."""
