def collatz_summary(start):
    if start < 1:
        return "needs a positive number"
    n, steps, peak = start, 0, start
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        peak = max(peak, n)
        steps += 1
    growth = peak / start
    return steps, peak, round(growth, 3)
