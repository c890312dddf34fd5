def edit_distance(a: str, b: str) -> tuple[int, float]:
    if a == b:
        return 0, 1.0
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (x != y)))
        previous = row
    distance = previous[-1]
    longest = max(len(a), len(b))
    similarity = 1 - distance / longest
    return distance, round(similarity, 3)
