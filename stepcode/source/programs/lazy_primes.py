from itertools import count, dropwhile, islice


def lazy_primes(size, above=0):
    def generate():
        known = []
        for n in count(2):
            if all(n % p for p in known):
                known.append(n)
                yield n

    chosen = list(islice(dropwhile(lambda p: p <= above, generate()), size))
    product = 1
    for p in chosen:
        product *= p
    gap = chosen[-1] - chosen[0] if chosen else 0
    return chosen, product, gap
