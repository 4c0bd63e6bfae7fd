"""Ways of having a device: a program, a board that commands switch, an ELF under QEMU."""
