"""Wrong use: what the caller asked for does not exist. The message names what does."""

from __future__ import annotations


class WrongUse(ValueError):
    """The request cannot be carried out as it stands; the message says what to ask instead."""
