def countdown(n):
    while n > 0:
        yield n
        n -= 1


def batches(stream, size):
    batch = []
    for item in stream:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def countdown_batches(start, size):
    groups = list(batches(countdown(start), size))
    sums = [sum(group) for group in groups]
    uneven = bool(groups) and len(groups[-1]) != size
    return groups, sums, uneven
