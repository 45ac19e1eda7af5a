"""What a file tells that its submitter may not have wanted to publish."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrivateHit:
    """The places of one value in one file; ``value`` is shortened where it is a secret."""

    kind: str
    path: str
    line: int
    value: str
    count: int = 1
    known_form: bool = True
    """Whether the form alone says what it is, as that of an access token does."""
