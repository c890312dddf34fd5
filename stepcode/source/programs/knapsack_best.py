def knapsack_best(items, capacity):
    """items are (weight, value) pairs"""
    fitting = [item for item in items if item[0] <= capacity]
    best = [0] * (capacity + 1)
    for weight, value in fitting:
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + value)
    answer = best[capacity]
    needed = best.index(answer)
    spare = capacity - needed
    return {"value": answer, "weight": needed, "spare": spare}
