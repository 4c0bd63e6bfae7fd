"""The virtual air: tags, radios and a BlueZ that programs on this machine take for the real one."""
