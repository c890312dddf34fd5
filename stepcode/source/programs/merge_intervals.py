def merge_intervals(intervals):
    ordered = sorted(intervals)
    merged = ordered[:1]
    for start, end in ordered[1:]:
        last_start, last_end = merged[-1]
        if start <= last_end:
            merged[-1] = (last_start, max(last_end, end))
        else:
            merged.append((start, end))
    covered = sum(end - start for start, end in merged)
    gaps = [b[0] - a[1] for a, b in zip(merged, merged[1:])]
    return merged, covered, gaps
