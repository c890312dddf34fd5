def prime_factors(n: int) -> dict[int, int]:
    factors: dict[int, int] = {}
    divisor = 2
    rest = n
    while divisor * divisor <= rest:
        while rest % divisor == 0:
            factors[divisor] = factors.get(divisor, 0) + 1
            rest //= divisor
        divisor += 1 if divisor == 2 else 2
    if rest > 1:
        factors[rest] = factors.get(rest, 0) + 1
    return factors
