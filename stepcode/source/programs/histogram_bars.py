def histogram_bars(values, width=1):
    bins = {}
    for value in values:
        bins[value // width * width] = bins.get(value // width * width, 0) + 1
    tallest = max(bins.values(), default=0)
    scale = 4 / tallest if tallest else 0
    bars = {start: "#" * round(count * scale) for start, count in sorted(bins.items())}
    modes = [start for start, count in sorted(bins.items()) if count == tallest]
    return bars, modes
