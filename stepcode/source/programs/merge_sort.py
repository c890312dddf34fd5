def halves(values):
    if len(values) < 2:
        return list(values)
    middle = len(values) // 2
    left = halves(values[:middle])
    right = halves(values[middle:])
    merged = []
    while left and right:
        side = left if left[0] <= right[0] else right
        merged.append(side.pop(0))
    return merged + left + right


def merge_sort(values):
    ordered = halves(values)
    moved = sum(a != b for a, b in zip(values, ordered))
    repeated = len(ordered) - len(set(ordered))
    return ordered, moved, repeated
