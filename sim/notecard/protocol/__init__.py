"""The card on its wire, from bytes and time to messages; still without any I/O."""
