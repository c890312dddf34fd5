def statistics_summary(data):
    n = len(data)
    mean = sum(data) / n
    variance = sum((x - mean) ** 2 for x in data) / n
    deviation = variance**0.5
    ordered = sorted(data)
    middle = n // 2
    if n % 2:
        median = ordered[middle]
    else:
        median = (ordered[middle - 1] + ordered[middle]) / 2
    outliers = [x for x in data if abs(x - mean) > 1.5 * deviation]
    return {"mean": mean, "sd": round(deviation, 3), "median": median, "outliers": outliers}
