from functools import reduce


def apply(value, name):
    steps = {"double": 2 * value, "inc": value + 1, "square": value * value}
    return steps.get(name, abs(value))


def compose_functions(start, names):
    forward = reduce(apply, names, start)
    backward = reduce(apply, reversed(names), start)
    commutes = forward == backward
    return forward, backward, commutes
