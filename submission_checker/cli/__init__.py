"""Commands, one file each, loaded when called."""
