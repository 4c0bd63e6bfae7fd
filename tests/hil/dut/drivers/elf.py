"""The first bytes of firmware, for stories in which none is started."""

ARM_HEAD = b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\0\x28\0"
