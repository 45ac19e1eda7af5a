"""Results that are kept while they are of use, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """Remembers what a function returns, up to a size of all values together.

    A count alone would not do: a tree has hundreds of small data sets, or a few of a million
    samples. What was used longest ago goes first; a value above the limit is not kept.
    """

    def __init__(
        self, make: Callable[[Key], Value], size_of: Callable[[Value], int], limit: int,
    ) -> None:
        self._make, self._size_of, self._limit = make, size_of, limit
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._size = 0

    def __call__(self, key: Key) -> Value:
        """Return the value of a key, made now or before."""
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        value = self._make(key)
        size = self._size_of(value)
        if size <= self._limit:
            self._values[key] = value
            self._size += size
            while self._size > self._limit:
                _, gone = self._values.popitem(last=False)
                self._size -= self._size_of(gone)
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._size = 0
