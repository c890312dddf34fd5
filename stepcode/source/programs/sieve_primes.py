def sieve_primes(limit):
    flags = [True] * (limit + 1)
    flags[:2] = [False] * min(2, limit + 1)
    n = 2
    while n * n <= limit:
        if flags[n]:
            flags[n * n :: n] = [False] * len(range(n * n, limit + 1, n))
        n += 1
    primes = [i for i, prime in enumerate(flags) if prime]
    twins = [(p, q) for p, q in zip(primes, primes[1:]) if q - p == 2]
    return primes, len(twins)
