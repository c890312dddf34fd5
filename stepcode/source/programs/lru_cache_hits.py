from collections import OrderedDict


class Cache:
    def __init__(self, capacity):
        self.capacity = capacity
        self.entries = OrderedDict()

    def touch(self, key):
        hit = key in self.entries
        self.entries[key] = True
        self.entries.move_to_end(key)
        if len(self.entries) > self.capacity:
            self.entries.popitem(last=False)
        return hit

    def __repr__(self):
        return f"Cache({list(self.entries)})"


def lru_cache_hits(capacity, requests):
    cache = Cache(capacity)
    outcomes = [cache.touch(key) for key in requests]
    hits = sum(outcomes)
    rate = hits / len(requests) if requests else 0.0
    kept = list(cache.entries)
    return hits, round(rate, 2), kept
