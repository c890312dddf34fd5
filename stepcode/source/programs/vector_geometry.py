from typing import NamedTuple


class Vector(NamedTuple):
    x: float
    y: float

    def minus(self, other):
        return Vector(self.x - other.x, self.y - other.y)


def vector_geometry(a, b):
    start, end = Vector(*a), Vector(*b)
    delta = end.minus(start)
    squared = delta.x**2 + delta.y**2
    length = squared**0.5
    if not length:
        return "same point"
    unit = (round(delta.x / length, 3), round(delta.y / length, 3))
    manhattan = abs(delta.x) + abs(delta.y)
    return length, unit, manhattan
