from itertools import chain, combinations


def powerset_sums(numbers, target):
    sizes = range(len(numbers) + 1)
    subsets = list(chain.from_iterable(combinations(numbers, size) for size in sizes))
    matching = [subset for subset in subsets if sum(subset) == target]
    smallest = min(matching, key=len, default=None)
    total = len(subsets)
    return matching, smallest, total
