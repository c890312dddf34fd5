def event_schedule(events):
    by_end = sorted(events, key=lambda event: (event[1], event[0]))
    chosen, free_from = [], 0
    for start, end in by_end:
        if start >= free_from:
            chosen.append((start, end))
            free_from = end
    skipped = len(events) - len(chosen)
    hours = sum(end - start for start, end in chosen)
    return chosen, skipped, hours
