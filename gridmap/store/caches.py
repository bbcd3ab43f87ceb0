"""Caches of one process, bounded, safe between threads. What they hold is keyed by the version of the data."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """The values used last, up to a total weight (by default: so many values)."""

    def __init__(self, capacity: int, weigh: Callable[[Value], int] = lambda _value: 1) -> None:
        self._capacity = capacity
        self._weigh = weigh
        self._weight = 0
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}

    def find(self, key: Hashable) -> Value | None:
        """Return a value or None."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def keep(self, key: Hashable, value: Value) -> None:
        """Keep a value and let go of those not used for longest."""
        with self._lock:
            old = self._values.pop(key, None)
            self._weight += self._weigh(value) - (self._weigh(old) if old is not None else 0)
            self._values[key] = value
            while self._weight > self._capacity and self._values:
                _, dropped = self._values.popitem(last=False)
                self._weight -= self._weigh(dropped)

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._values.clear()
            self._weight = 0

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return a value, made now if it is not there; of several threads asking at once only one makes it."""
        found = self.find(key)
        if found is not None:
            return found
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                found = self.find(key)
                if found is None:
                    found = make()
                    self.keep(key, found)
                return found
        finally:
            with self._lock:
                self._making.pop(key, None)
