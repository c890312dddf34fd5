def pipeline_filter(values, scale=10):
    positive = list(filter(lambda v: v > 0, values))
    scaled = list(map(lambda v: v * scale, positive))
    even, odd = [v for v in positive if v % 2 == 0], [v for v in positive if v % 2]
    balance = len(even) - len(odd)
    any_large, all_large = any(v > 50 for v in scaled), all(v > 50 for v in scaled)
    return scaled, balance, any_large, all_large
