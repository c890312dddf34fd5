def partition(values, pivot):
    below = [v for v in values if v < pivot]
    above = [v for v in values if v > pivot]
    return below, above


def quick_select(values, k):
    """The k-th smallest value, counting from zero."""
    if not 0 <= k < len(values):
        return None
    candidates, rank = list(values), k
    while True:
        pivot = candidates[len(candidates) // 2]
        below, above = partition(candidates, pivot)
        if rank < len(below):
            candidates = below
        elif rank >= len(candidates) - len(above):
            rank -= len(candidates) - len(above)
            candidates = above
        else:
            break
    smaller = sum(v < pivot for v in values)
    return pivot, smaller
