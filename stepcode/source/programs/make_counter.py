def make_counter(calls, step=1):
    value = 100

    def advance():
        nonlocal value
        before = value
        value += step
        return before

    seen = [advance() for _ in range(calls)]
    left = value
    moved = left - 100
    return seen, left, moved
