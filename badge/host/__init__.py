"""The part of the project that touches this computer: files, the terminal, the command line."""
