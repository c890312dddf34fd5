def queue_simulation(arrivals, durations):
    free_at, waits, idle = 0, [], 0
    for arrival, duration in zip(arrivals, durations):
        start = max(arrival, free_at)
        waits.append(start - arrival)
        idle += max(0, arrival - free_at)
        free_at = start + duration
    longest = max(waits, default=0)
    average = sum(waits) / len(waits) if waits else 0.0
    busy = free_at - idle
    return {"end": free_at, "busy": busy, "longest": longest, "average": round(average, 2)}
