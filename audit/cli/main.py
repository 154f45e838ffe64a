"""The command `callaudit`."""
