from itertools import groupby


def run_lengths(text):
    runs = [(char, len(list(group))) for char, group in groupby(text)]
    packed = "".join(f"{char}{count}" if count > 1 else char for char, count in runs)
    saved = len(text) - len(packed)
    longest = max(runs, key=lambda run: run[1], default=None)
    return packed, saved, longest
