"""`badge mcp`: commands as tools for a program that speaks the Model Context Protocol."""
