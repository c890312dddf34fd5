def running(amounts, stop_at):
    total = 0
    yield total
    for amount in amounts:
        total += amount
        yield total
        if total >= stop_at:
            return


def running_total_generator(amounts, stop_at=100):
    totals = list(running(amounts, stop_at))
    stopped = len(totals) <= len(amounts)
    final = totals[-1]
    lowest = min(totals)
    return totals, final, lowest, stopped
