"""A day in the field as a YAML file: its types, its reading with line and column, ten stories."""
