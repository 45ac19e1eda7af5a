"""Rounds as data: TOML files, each a difference to its predecessor, and their typed form."""
