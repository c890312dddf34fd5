def invert_index(documents):
    index = {}
    for name in sorted(documents):
        for term in documents[name]:
            index.setdefault(term, []).append(name)
    shared = {term: names for term, names in index.items() if len(names) > 1}
    busiest = max(index, key=lambda term: len(index[term]), default=None)
    return index, shared, busiest
