def doubled(n):
    """Fast doubling: F(n) and F(n + 1)."""
    if n == 0:
        return 0, 1
    a, b = doubled(n // 2)
    even, odd = a * (2 * b - a), a * a + b * b
    return (odd, even + odd) if n % 2 else (even, odd)


def fibonacci_pair(n):
    pair = doubled(n)
    first, second = pair
    ratio = round(second / first, 4) if first else None
    parity = "even" if first % 2 == 0 else "odd"
    return first, ratio, parity
