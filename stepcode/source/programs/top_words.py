from collections import Counter


def top_words(text, size=2):
    words = text.lower().split()
    counts = Counter(words)
    # ties in alphabetical order, so that the answer does not depend on the text's order
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    top = ranked[:size]
    share = sum(n for _, n in top) / len(words) if words else 0.0
    return top, round(share, 3)
