"""What several rules derive from the same object, derived once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Derives:
    """A subject that keeps what is derived from it; a changed copy (``replace``) begins empty.

    Its class has a field ``_derived`` that is no argument and takes no part in comparison.
    """

    __slots__ = ()
    _derived: dict[Hashable, Any]

    def once(self, name: Hashable, derive: Callable[..., T], *more: Any) -> T:
        """Return what a function derives from this and more; who asks again gets the same.

        Args:
            name: tells it from all else that is derived; what ``more`` holds belongs to it
                wherever it may differ.
            derive: the function, called with this object and ``more``.
            more: further arguments of the function.
        """
        if name not in self._derived:
            self._derived[name] = derive(self, *more)
        value: T = self._derived[name]
        return value
