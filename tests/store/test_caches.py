"""Caches are bounded, and a value is made once."""

import threading
import time

import pytest

from gridmap.store.caches import Cache


def test_what_was_not_used_for_longest_goes_first():
    cache = Cache(3, len)
    cache.keep("a", "x")
    cache.keep("b", "x")
    cache.keep("c", "x")
    assert cache.find("a") == "x"
    cache.keep("d", "x")
    assert (cache.find("a"), cache.find("b")) == ("x", None)
    cache.keep("e", "xx")
    assert [cache.find(key) for key in "acde"] == ["x", None, None, "xx"]
    cache.keep("f", "too long")
    assert cache.find("f") is None


def test_a_replaced_value_is_weighed_once():
    cache = Cache(4, len)
    for _ in range(10):
        cache.keep("a", "xx")
    cache.keep("b", "xx")
    assert (cache.find("a"), cache.find("b")) == ("xx", "xx")


def test_several_threads_make_a_value_once():
    cache, made = Cache(10), []

    def make():
        time.sleep(0.05)
        made.append(1)
        return "value"

    threads = [threading.Thread(target=lambda: cache.get("key", make)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_failure_is_not_kept():
    cache = Cache(10)
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 // 0)
    assert cache.get("key", lambda: 2) == 2
