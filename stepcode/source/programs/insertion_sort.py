def insertion_sort(items, by_size=False):
    def key(item):
        return len(item) if by_size else item

    result = list(items)
    moves = 0
    for i in range(1, len(result)):
        current, j = result[i], i
        while j > 0 and key(result[j - 1]) > key(current):
            result[j] = result[j - 1]
            moves += 1
            j -= 1
        result[j] = current
    was_sorted = moves == 0
    return result, moves, was_sorted
