def windows(values, size):
    for start in range(len(values) - size + 1):
        yield values[start : start + size]


def moving_average(values, size):
    averages = [sum(window) / size for window in windows(values, size)]
    if not averages:
        return "too short"
    rising = all(a < b for a, b in zip(averages, averages[1:]))
    peak = max(averages)
    at = averages.index(peak)
    return averages, rising, at
