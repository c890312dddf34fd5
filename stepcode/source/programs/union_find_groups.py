def union_find_groups(size, edges):
    parent = list(range(size))

    def root(x):
        while parent[x] != x:
            x = parent[x]
        return x

    redundant = []
    for a, b in edges:
        ra, rb = root(a), root(b)
        if ra == rb:
            redundant.append((a, b))
        parent[rb] = ra
    roots = [root(x) for x in range(size)]
    groups = len(set(roots))
    connected = groups == 1
    return roots, groups, connected, redundant
