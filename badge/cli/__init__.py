"""The `badge` command: one table of commands, exit codes, the terminal, and its own three commands.

`main` turns every mistake into one sentence; a command's file holds its options and words only.
"""
